#include "weights/mapping/recognition.h"

#include "engine/device/host_context.h"
#include "layers/module/state_dict.h"

#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace cuunet {
namespace {

// A published network's names and shapes behind a prefix.
TensorShapes published(const std::string& name, const std::string& prefix, const std::string& family = "fastai_unet") {
  std::ifstream file(CUUNET_SOURCE_DIR "/tests/conformance/" + family + "/manifest_" + name + ".json");
  TensorShapes shapes;
  nlohmann::json manifest = nlohmann::json::parse(file);
  for (const auto& entry : manifest.at(manifest.contains("state_dict") ? "state_dict" : "entries")) {
    shapes[prefix + entry.at("key").get<std::string>()] = entry.at("shape").get<std::vector<int64_t>>();
  }
  return shapes;
}

// Every tensor of the network that was recognised, and no other.
void check_exact(const RecognisedNetwork& network, const TensorShapes& shapes) {
  HostContext context({.threads = 1});
  std::unique_ptr<Module> module = build_recognised({context}, network);
  TensorShapes built;
  for (const StateEntry& entry : module->state()) {
    std::vector<int64_t>& shape = built[network.prefix + entry.name];
    for (int i = 0; i < entry.value.shape().rank(); ++i) shape.push_back(entry.value.shape()[i]);
  }
  CHECK(built == shapes);
}

TEST_CASE("recognition: every published network by its names and shapes, behind any prefix") {
  struct Row {
    const char* manifest;
    const char* prefix;
    const char* description;
  };
  const Row rows[] = {
      {"torchvision_resnet18", "", "resnet18"},
      {"torchvision_resnet34", "module.", "resnet34"},
      {"torchvision_resnet50", "state_dict.module.", "resnet50"},
      {"torchvision_resnet101", "", "resnet101"},
      {"unet_resnet18_weight_1class", "", "dynamic_unet: encoder resnet18, 3 in, 1 out, norm weight"},
      {"unet_resnet34_batch", "model.", "dynamic_unet: encoder resnet34, 3 in, 3 out, norm batch"},
      {"unet_resnet34_batch_sa", "", "dynamic_unet: encoder resnet34, 3 in, 3 out, norm batch, self-attention"},
      {"unet_resnet34_none", "", "dynamic_unet: encoder resnet34, 3 in, 3 out, norm none"},
      {"unet_resnet34_none_sa", "", "dynamic_unet: encoder resnet34, 3 in, 3 out, norm none, self-attention"},
      {"unet_resnet34_omitted", "", "dynamic_unet: encoder resnet34, 3 in, 3 out, norm omitted"},
      {"unet_resnet34_omitted_sa", "", "dynamic_unet: encoder resnet34, 3 in, 3 out, norm omitted, self-attention"},
      {"unet_resnet34_spectral", "", "dynamic_unet: encoder resnet34, 3 in, 3 out, norm spectral"},
      {"unet_resnet34_spectral_sa", "", "dynamic_unet: encoder resnet34, 3 in, 3 out, norm spectral, self-attention"},
      {"unet_resnet34_weight", "", "dynamic_unet: encoder resnet34, 3 in, 3 out, norm weight"},
      {"unet_resnet34_weight_odd", "",
       "dynamic_unet: encoder resnet34, 3 in, 3 out, norm weight, built for an odd size that does not show"},
      {"unet_resnet34_weight_sa", "model.", "dynamic_unet: encoder resnet34, 3 in, 3 out, norm weight, self-attention"},
  };
  for (const Row& row : rows) {
    INFO(row.manifest);
    TensorShapes shapes = published(row.manifest, row.prefix);
    auto network = recognise(shapes);
    REQUIRE(network.has_value());
    CHECK(description_of(*network) == row.description);
    CHECK(network->prefix == row.prefix);
    check_exact(*network, shapes);
  }
}

TEST_CASE("recognition: DeOldify's generators") {
  auto described = [](const char* name) {
    auto network = recognise(published(name, "model.", "deoldify"));
    REQUIRE(network.has_value());
    return description_of(*network);
  };
  CHECK(described("deep") ==
        "dynamic_unet: encoder resnet34, 3 in, 3 out, norm spectral, DeOldify's deep decoder, width 1.5, "
        "self-attention");
  CHECK(described("wide") ==
        "dynamic_unet: encoder resnet101, 3 in, 3 out, norm spectral, DeOldify's wide decoder, width 2, "
        "self-attention");
  TensorShapes small = published("deep_small", "", "deoldify");
  check_exact(*recognise(small), small);
}

// Their classifiers have 120 million numbers: not built here.
TEST_CASE("recognition: torchvision's VGGs") {
  for (const char* name : {"vgg16", "vgg16_bn", "vgg19"}) {
    auto network = recognise(published(std::string("torchvision_") + name, ""));
    REQUIRE(network.has_value());
    CHECK(network->model == name);
    CHECK(network->classifier);
  }
}

TEST_CASE("recognition: options beyond the published ones, and nothing where nothing is") {
  HostContext context({.threads = 1});
  for (DynamicUnetOptions options :
       {DynamicUnetOptions{.encoder = "resnet18", .encoder_width = 16, .last_cross = false},
        DynamicUnetOptions{.encoder = "resnet18", .encoder_width = 8, .bottleneck = true},
        DynamicUnetOptions{.encoder = "resnet18", .encoder_width = 8, .in_channels = 1}}) {
    DynamicUnet network({context}, options);
    TensorShapes shapes;
    for (const StateEntry& entry : network.state()) {
      std::vector<int64_t>& shape = shapes[entry.name];
      for (int i = 0; i < entry.value.shape().rank(); ++i) shape.push_back(entry.value.shape()[i]);
    }
    auto found = recognise(shapes);
    REQUIRE(found.has_value());
    check_exact(*found, shapes);
  }
  CHECK_FALSE(recognise({}).has_value());
  CHECK_FALSE(recognise({{"a.weight", {1}}, {"layers.0.0.weight", {64, 3, 7, 7}}}).has_value());
}

TEST_CASE("recognition: shapes of a damaged file ask for no network") {
  TensorShapes shapes = published("unet_resnet34_none", "");
  for (std::vector<int64_t> stem :
       {std::vector<int64_t>{1 << 30, 3, 7, 7}, {512, 3, 7, 7}, {64, 0, 7, 7}, {64, 3}, {}}) {
    shapes["layers.0.0.weight"] = stem;
    CHECK_FALSE(recognise(shapes).has_value());
  }
}

}  // namespace
}  // namespace cuunet
