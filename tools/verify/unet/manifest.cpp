// State dicts: every entry's name, shape, type and kind, in the original's order.
#include "kernels/device/error.h"
#include "layers/models/vgg.h"
#include "tools/verify/network_results.h"
#include "tools/verify/unet/network.h"
#include "tools/verify/unet/unet.h"

#include <sstream>

namespace cuunet {
namespace {

using Json = nlohmann::json;

std::vector<std::string> words_of(const std::string& name) {
  std::vector<std::string> words;
  std::istringstream stream(name);
  for (std::string word; std::getline(stream, word, '_');) words.push_back(word);
  return words;
}

// unet_<encoder>_<norm>[_sa][_1class][_odd]; what a config states goes before the name. Odd sizes stand in the config.
DynamicUnetOptions options_of(const std::string& name, const Json& manifest) {
  std::vector<std::string> words = words_of(name);
  if (words.size() < 3) throw Error("no network is called '{}'", name);
  DynamicUnetOptions options{.encoder = words[1], .norm = norm_type_named(words[2])};
  for (size_t i = 3; i < words.size(); ++i) {
    if (words[i] == "sa")
      options.self_attention = true;
    else if (words[i] == "1class")
      options.classes = 1;
    else if (words[i] != "odd")
      throw Error("no network is called '{}'", name);
  }
  return unet_options(manifest.value("config", Json::object()), options);
}

// Always in f32, as published files are.
std::unique_ptr<Module> network_of(Context& context, const Json& manifest) {
  Placement placement{.context = context, .dtype = DType::f32};
  std::string name = manifest.at("model");
  const std::string torchvision = "torchvision_";
  if (!name.starts_with(torchvision)) return std::make_unique<DynamicUnet>(placement, options_of(name, manifest));
  name.erase(0, torchvision.size());
  if (name.starts_with("vgg")) {
    return std::make_unique<VGG>(placement, VGGOptions{.architecture = name, .classifier = true});
  }
  return std::make_unique<ResNet>(placement, resnet_named(name));
}

}  // namespace

void run_manifest(NetworkCase& run) {
  std::unique_ptr<Module> network = network_of(run.context, run.definition.json());
  compare_state_dict(run, *network, run.at("state_dict"), "state_dict");
  run.comparison.scalar("entries", static_cast<double>(network->state().size()), run.at("entries"), Tolerance{});
}

}  // namespace cuunet
