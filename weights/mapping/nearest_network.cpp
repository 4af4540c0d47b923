#include "engine/device/host_context.h"
#include "engine/tensor/dimensions.h"
#include "weights/mapping/recognition.h"

#include <algorithm>

namespace cuunet {
namespace {

RecognisedNetwork unet(const DynamicUnetOptions& options) { return {.model = "dynamic_unet", .unet = options}; }

std::vector<RecognisedNetwork> published() {
  std::vector<RecognisedNetwork> all;
  for (const char* model : {"resnet18", "resnet34", "resnet50", "resnet101", "vgg16", "vgg16_bn", "vgg19"}) {
    all.push_back({.model = model});
  }
  for (const char* encoder : {"resnet18", "resnet34", "resnet50", "resnet101"}) {
    for (NormType norm : {NormType::none, NormType::weight, NormType::batch, NormType::omitted, NormType::spectral}) {
      all.push_back(unet({.encoder = encoder, .norm = norm}));
    }
  }
  for (const char* name : {"artistic", "stable"}) all.push_back(unet(deoldify_options(name)));
  for (bool residual : {false, true}) {
    for (bool bilinear : {false, true}) {
      all.push_back({.model = "unet_generator", .generator = {.residual = residual, .bilinear = bilinear}});
    }
  }
  all.push_back({.model = "patch_gan"});
  all.push_back({.model = "deoldify_critic"});
  return all;
}

// What stands before most of the network's names in the file.
std::string most_usual_prefix(const TensorShapes& file, const TensorShapes& network) {
  std::map<std::string, size_t> counts;
  for (const auto& [name, shape] : file) {
    for (size_t begin = 0; begin <= name.size();) {
      if (network.contains(name.substr(begin))) ++counts[name.substr(0, begin)];
      size_t dot = name.find('.', begin);
      begin = dot == std::string::npos ? name.size() + 1 : dot + 1;
    }
  }
  auto most =
      std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == counts.end() ? "" : most->first;
}

// Tensors in both, of all that are in either.
double shared(const TensorShapes& file, const TensorShapes& network, const std::string& prefix) {
  size_t both = 0, there = 0;
  for (const auto& [name, shape] : file) {
    if (!name.starts_with(prefix)) continue;
    ++there;
    auto found = network.find(name.substr(prefix.size()));
    both += found != network.end() && found->second == shape ? 1 : 0;
  }
  return static_cast<double>(both) / static_cast<double>(std::max<size_t>(1, there + network.size() - both));
}

}  // namespace

TensorShapes shapes_of(Module& module) {
  TensorShapes shapes;
  for (const StateEntry& entry : module.state()) shapes[entry.name] = dimensions_of(entry.value.shape());
  return shapes;
}

std::optional<RecognisedNetwork> nearest_network(const TensorShapes& shapes) {
  std::optional<RecognisedNetwork> nearest;
  double most = 0.25;
  for (RecognisedNetwork& network : published()) {
    HostContext context({.threads = 1});
    TensorShapes expected = shapes_of(*build_recognised(outline(context), network));
    network.prefix = most_usual_prefix(shapes, expected);
    double share = shared(shapes, expected, network.prefix);
    if (share <= most) continue;
    most = share;
    nearest = network;
  }
  return nearest;
}

}  // namespace cuunet
