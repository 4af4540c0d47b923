#include "weights/mapping/recognition.h"

#include "layers/models/resnet.h"
#include "layers/models/vgg.h"
#include "weights/mapping/tensor_names.h"

#include <fmt/format.h>

#include <algorithm>

namespace cuunet {
namespace {

struct Known {
  const char* first;  // a name of it, which the prefix stands before
  bool (*read)(const TensorNames&, RecognisedNetwork&);
};
constexpr Known known[] = {{"layers.0.0.", read_dynamic_unet}, {"initial_down.conv.0.weight", read_unet_generator},
                           {"model.0.weight", read_patch_gan}, {"0.0.weight_orig", read_deoldify_critic},
                           {"conv1.weight", read_resnet},      {"features.0.weight", read_vgg}};

std::vector<std::string> prefixes_of(const TensorShapes& shapes, const std::string& first) {
  std::vector<std::string> prefixes;
  for (const auto& [name, shape] : shapes) {
    size_t at = name.find(first);
    if (at == std::string::npos || (at > 0 && name[at - 1] != '.')) continue;
    std::string prefix = name.substr(0, at);
    if (prefixes.empty() || prefixes.back() != prefix) prefixes.push_back(prefix);
  }
  std::stable_sort(prefixes.begin(), prefixes.end(), [](auto& a, auto& b) { return a.size() < b.size(); });
  return prefixes;
}

}  // namespace

TensorShapes shapes_of(const WeightsFile& file) {
  TensorShapes shapes;
  for (const StoredTensor& tensor : file.tensors()) shapes.emplace(tensor.name, tensor.shape);
  return shapes;
}

std::optional<RecognisedNetwork> recognise(const TensorShapes& shapes) {
  for (const Known& one : known) {
    for (const std::string& prefix : prefixes_of(shapes, one.first)) {
      RecognisedNetwork network{.prefix = prefix};
      if (one.read(TensorNames(shapes, prefix), network)) return network;
    }
  }
  return std::nullopt;
}

std::unique_ptr<Module> build_recognised(const Placement& placement, const RecognisedNetwork& network) {
  if (network.model == "dynamic_unet") return std::make_unique<DynamicUnet>(placement, network.unet);
  if (network.model == "unet_generator") return std::make_unique<UnetGenerator>(placement, network.generator);
  if (network.model == "patch_gan") return std::make_unique<PatchGAN>(placement, network.patch_gan);
  if (network.model == "deoldify_critic") return std::make_unique<DeOldifyCritic>(placement, network.critic);
  if (network.model.starts_with("resnet")) {
    return std::make_unique<ResNet>(placement, resnet_named(network.model), network.classes);
  }
  return std::make_unique<VGG>(placement, VGGOptions{.architecture = network.model, .classifier = network.classifier});
}

}  // namespace cuunet
