#include "weights/mapping/torchvision.h"

#include "engine/device/host_context.h"
#include "layers/models/resnet.h"
#include "layers/models/vgg.h"

#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace cuunet {
namespace {

// Names and shapes as torchvision publishes them, every value the number of its tensor.
class Published final : public StateSource {
 public:
  explicit Published(std::vector<std::pair<std::string, Shape>> entries) : entries_(std::move(entries)) {}
  std::string description() const override { return "published"; }
  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const auto& [name, shape] : entries_) names.push_back(name);
    return names;
  }
  Shape shape(const std::string& name) const override { return entries_[index(name)].second; }
  std::vector<double> values(const std::string& name) const override {
    return std::vector<double>(static_cast<size_t>(shape(name).elements()), static_cast<double>(index(name)));
  }

 private:
  size_t index(const std::string& name) const {
    for (size_t i = 0; i < entries_.size(); ++i) {
      if (entries_[i].first == name) return i;
    }
    throw Error("no entry {}", name);
  }
  std::vector<std::pair<std::string, Shape>> entries_;
};

// The list of a published network's tensors.
Published published(const std::string& name) {
  std::ifstream file(CUUNET_SOURCE_DIR "/tests/conformance/fastai_unet/manifest_torchvision_" + name + ".json");
  std::vector<std::pair<std::string, Shape>> entries;
  nlohmann::json manifest = nlohmann::json::parse(file);
  for (const nlohmann::json& entry : manifest.at("state_dict")) {
    entries.emplace_back(entry.at("key"), Shape(entry.at("shape").get<std::vector<int64_t>>()));
  }
  return Published(std::move(entries));
}

// The values are the places in the file, so that they must come in the module's order.
void check_order(Module& module) {
  double place = 0;
  for (const StateEntry& entry : module.state()) {
    CAPTURE(entry.name);
    CHECK(entry.value.to_host().at(0) == place++);
  }
}

TEST_CASE("torchvision: a ResNet's file fills the body, in its order, without its head") {
  HostContext context({.threads = 1});
  ResNetBody body(Placement{context}, {.architecture = resnet_named("resnet18")});
  Published source = published("resnet18");
  CHECK(load_state(body, torchvision_resnet_body(source)).empty());
  check_order(body);
}

TEST_CASE("torchvision: of a VGG's file the features are taken") {
  HostContext context({.threads = 1});
  VGG vgg(Placement{context}, {.architecture = "vgg16_bn"});
  Published source = published("vgg16_bn");
  CHECK(load_state(vgg, torchvision_vgg_features(source)).empty());
  check_order(vgg);
}

}  // namespace
}  // namespace cuunet
