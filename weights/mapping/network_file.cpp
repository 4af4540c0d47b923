#include "weights/mapping/network_file.h"

#include "kernels/device/error.h"
#include "layers/models/patch_gan.h"
#include "layers/models/unet_generator.h"
#include "layers/models/vgg.h"
#include "weights/mapping/file_state.h"
#include "weights/mapping/recognition.h"

namespace cuunet {
namespace {

NamedVars tapped(VGG& vgg, const Var& x) {
  std::vector<Var> taps = vgg.taps(x);
  NamedVars named;
  for (size_t i = 0; i < taps.size(); ++i)
    named.emplace_back(fmt::format("features.{}", vgg.tap_indices()[i]), taps[i]);
  return named;
}

// Of what the first convolution takes.
int64_t channels_of(Module& module) {
  for (const auto& [name, parameter] : module.parameters()) {
    if (parameter->var.shape().rank() == 4) return parameter->var.shape()[1];
  }
  return 0;
}

RecognisedNetwork network_in(const WeightsFile& file) {
  auto found = recognise(shapes_of(file));
  if (file.metadata().contains(unet_metadata_key) || (found && found->model == "dynamic_unet")) {
    return {.model = "dynamic_unet", .unet = find_unet(file).description.options};
  }
  if (found) return *found;
  throw FileError("{}: holds no network that is known; `cuunet inspect` lists what is in it", file.path().string());
}

LoadedNetwork loaded_unet(const Placement& placement, const WeightsFile& file, Fit fit) {
  LoadedUnet unet = load_unet(placement, file, fit);
  RecognisedNetwork network{.model = "dynamic_unet", .unet = unet.description.options};
  return {.text = description_of(network),
          .module = std::move(unet.network),
          .unet = unet.description,
          .notes = std::move(unet.notes)};
}

}  // namespace

std::vector<std::string> LoadedNetwork::input_names() const {
  if (dynamic_cast<PatchGAN*>(module.get()) != nullptr) return {"x", "y"};
  return {"input"};
}

std::string PictureSizes::text() const {
  if (fixed) return fmt::format("{} x {} pixels", width, height);
  return multiple == 1 ? "any size" : fmt::format("sides that are multiples of {}", multiple);
}

PictureSizes LoadedNetwork::picture_sizes() const {
  constexpr int64_t side = 64;
  PictureSizes sizes{.channels = channels_of(*module), .height = side, .width = side};
  if (unet) {
    sizes.multiple = 2;
    auto [height, width] = unet->options.built_for;
    sizes.fixed = height % 2 != 0 || width % 2 != 0;
    if (sizes.fixed) sizes.height = height, sizes.width = width;
  } else if (auto* generator = dynamic_cast<UnetGenerator*>(module.get())) {
    sizes.multiple = sizes.height = sizes.width = int64_t{1} << (generator->options().downs + 2);
    sizes.fixed = generator->options().residual;
  } else if (auto* vgg = dynamic_cast<VGG*>(module.get()); vgg != nullptr && vgg->has_classifier()) {
    sizes.height = sizes.width = 224;
    sizes.fixed = true;
  } else if (dynamic_cast<PatchGAN*>(module.get()) != nullptr) {
    sizes.channels /= 2;
    sizes.height = sizes.width = 256;  // enough for 6 layers
  }
  return sizes;
}

NamedVars LoadedNetwork::operator()(const std::vector<Var>& inputs) {
  if (auto* patches = dynamic_cast<PatchGAN*>(module.get())) return {{"output", (*patches)(inputs[0], inputs[1])}};
  auto* vgg = dynamic_cast<VGG*>(module.get());
  if (vgg != nullptr && !vgg->has_classifier()) return tapped(*vgg, inputs[0]);
  return {{"output", (*module)(inputs[0])}};
}

LoadedNetwork load_network(const Placement& placement, const std::filesystem::path& path, Fit fit) {
  WeightsFile file(path);
  RecognisedNetwork found = network_in(file);
  if (found.model == "dynamic_unet") return loaded_unet(placement, file, fit);
  Placement untouched = outline(placement.context, placement.dtype);
  LoadedNetwork network{.text = description_of(found), .module = build_recognised(untouched, found)};
  load_to_run(*network.module, FileState(file, found.prefix), fit, network.notes);
  return network;
}

LoadedNetwork outline_network(Context& context, const std::filesystem::path& path) {
  RecognisedNetwork found = network_in(WeightsFile(path));
  return {.text = description_of(found), .module = build_recognised(outline(context), found)};
}

}  // namespace cuunet
