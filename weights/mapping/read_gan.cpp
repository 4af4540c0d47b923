#include "weights/mapping/tensor_names.h"

#include <fmt/format.h>

#include <algorithm>

namespace cuunet {
namespace {

constexpr int most_layers = 64;

// One more than the last place i of 0 … most_layers - 1 that holds(i).
template <class Holds>
int end_of(const Holds& holds) {
  int end = 0;
  for (int i = 0; i < most_layers; ++i) {
    if (holds(i)) end = i + 1;
  }
  return end;
}

bool has_kernel(const std::vector<int64_t>* weight, int64_t side) {
  return weight != nullptr && weight->size() == 4 && weight->at(2) == side && weight->at(3) == side;
}

}  // namespace

bool read_unet_generator(const TensorNames& names, RecognisedNetwork& network) {
  const auto* first = names.shape("initial_down.conv.0.weight");
  if (!has_kernel(first, 4) || !names.any_begins("ups.")) return false;
  UnetGeneratorOptions& options = network.generator;
  network.model = "unet_generator";
  options.features = first->at(0);
  options.in_channels = first->at(1);
  options.downs = end_of([&](int i) { return names.any_begins(fmt::format("downs.{}.", i)); });
  options.residual = names.any_begins("initial_down.residual.") || names.any_begins("final_up.residual.");
  options.bilinear = names.any_begins("final_up.conv.2.") || names.any_begins("ups.0.conv.2.");
  if (options.downs < 3 || options.downs > 14 || !sensible(options.in_channels)) return false;
  options.input_size = int64_t{1} << (options.downs + 2);
  if (options.features <= 64) return options.features >= 1;
  // Wider than the published ones: see read_dynamic_unet.
  const auto* bottleneck = names.shape("bottleneck.conv.0.weight");
  return options.features <= 512 && has_kernel(bottleneck, 4) && bottleneck->at(0) == 8 * options.features &&
         bottleneck->at(1) == 8 * options.features;
}

bool read_patch_gan(const TensorNames& names, RecognisedNetwork& network) {
  const auto* first = names.shape("model.0.weight");
  if (!has_kernel(first, 4) || first->at(1) % 2 != 0) return false;
  auto inner = [&](int i) { return names.shape(fmt::format("model.{}.conv.0.weight", i + 2)); };
  int layers = 1 + end_of([&](int i) { return has_kernel(inner(i), 4); });
  const auto* last = names.shape(fmt::format("model.{}.weight", layers + 1));
  if (layers == 1 && (!has_kernel(last, 4) || last->at(0) != 1)) return false;  // else any convolution would do
  PatchGANOptions& options = network.patch_gan;
  network.model = "patch_gan";
  options.layers = layers;
  options.base_channels = first->at(0);
  options.in_channels = first->at(1) / 2;
  int64_t widest = options.base_channels;
  for (int i = 0; i + 1 < layers; ++i) {
    if (const auto* weight = inner(i)) widest = std::max(widest, weight->at(0));
  }
  if (!sensible(options.base_channels) || !sensible(options.in_channels) || widest > 4096) return false;
  bool limited = layers > 16 || options.base_channels << (layers - 1) != widest;
  options.max_channels = limited ? widest : std::max(widest, options.max_channels);
  return true;
}

bool read_deoldify_critic(const TensorNames& names, RecognisedNetwork& network) {
  auto layer = [&](int i) { return names.shape(fmt::format("{}.0.weight_orig", i)); };
  const auto *first = layer(0), *second = layer(2);
  if (!has_kernel(first, 4) || !has_kernel(second, 3)) return false;
  // Three layers per block between the first two and the last two.
  int last = end_of([&](int i) { return layer(i) != nullptr; }) - 1;
  DeOldifyCriticOptions& options = network.critic;
  network.model = "deoldify_critic";
  options.width = first->at(0);
  options.channels = first->at(1);
  options.blocks = (last - 1) / 3;
  return options.blocks >= 1 && options.blocks <= 4 && second->at(0) == options.width && options.width <= 512 &&
         options.width >= 4 && sensible(options.channels);
}

}  // namespace cuunet
