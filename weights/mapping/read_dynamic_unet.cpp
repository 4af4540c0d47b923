#include "weights/mapping/tensor_names.h"

#include <fmt/format.h>

namespace cuunet {
namespace {

// A network is built from what a file says of it: one that is wider than the published ones has to hold the middle,
// too, so that a few tensors cannot ask for gigabytes.
bool sensible_width(const TensorNames& names, const DynamicUnetOptions& options) {
  if (options.encoder_width <= 64) return options.encoder_width >= 1;
  const auto* middle = names.weight("layers.3.0.0");
  int64_t deepest = 8 * options.encoder_width * resnet_named(options.encoder).expansion();
  return options.encoder_width <= 512 && middle != nullptr && middle->at(0) == 2 * deepest && middle->at(1) == deepest;
}

NormType norm_of(const TensorNames& names) {
  if (names.holds("layers.3.0.0.weight_orig")) return NormType::spectral;
  if (names.holds("layers.3.0.0.weight_g")) return NormType::weight;
  if (!names.holds("layers.3.0.2.running_mean")) return NormType::none;
  // fastai's default: batch norm behind convolutions, weight norm in the shuffles.
  return names.holds("layers.4.shuf.conv.0.weight_g") ? NormType::omitted : NormType::batch;
}

// DeOldify's decoders: a batch norm beside each spectral one; of `wide` one convolution per block.
void read_deoldify(const TensorNames& names, DynamicUnetOptions& options) {
  if (options.norm != NormType::spectral || !names.holds("layers.3.0.2.running_mean")) return;
  const auto *wide = names.weight("layers.4.conv.0"), *deep = names.weight("layers.4.conv1.0");
  const auto* block = wide != nullptr ? wide : deep;
  if (block == nullptr || block->at(1) < 1) return;
  auto out = static_cast<double>(block->at(0));
  double width = wide != nullptr ? out / 256 : out / static_cast<double>(block->at(1));
  if (width < 0.1 || width > 8) return;
  DynamicUnetOptions deoldify =
      deoldify_options(wide != nullptr ? Decoder::wide : Decoder::deep, options.encoder, width);
  deoldify.encoder_width = options.encoder_width;
  deoldify.in_channels = options.in_channels;
  options = deoldify;
}

}  // namespace

bool read_dynamic_unet(const TensorNames& names, RecognisedNetwork& network) {
  const auto* stem = names.weight("layers.0.0");
  if (stem == nullptr || !names.any_begins("layers.4.shuf.conv.0.")) return false;
  DynamicUnetOptions& options = network.unet;
  network.model = "dynamic_unet";
  options.encoder = resnet_named_by(names, "layers.0.4", "layers.0.6");
  options.encoder_width = stem->at(0);
  options.in_channels = stem->at(1);
  options.norm = norm_of(names);
  read_deoldify(names, options);
  bool attention = false;
  for (const char* place : {"2", "3"}) {
    for (const char* last : {"conv2", "conv"}) {
      if (names.holds(fmt::format("layers.5.{}.{}.gamma", last, place))) attention = true;
    }
  }
  options.self_attention = attention;
  // Behind the last shuffle: [resize] [concatenate, residual block] 1×1 convolution.
  int next = 9;
  options.last_cross = names.any_begins("layers.10.layers.") || names.any_begins("layers.11.layers.");
  if (options.last_cross) {
    network.odd_size = names.any_begins("layers.11.layers.");
    next = network.odd_size ? 11 : 10;
    const auto* inner = names.weight(fmt::format("layers.{}.layers.0.0", next));
    options.bottleneck = inner != nullptr && inner->at(0) < inner->at(1);
    ++next;
  } else {
    network.odd_size = !names.any_begins("layers.9.");
    next += network.odd_size ? 1 : 0;
  }
  if (network.odd_size) options.built_for = {1, 1};
  if (const auto* head = names.weight(fmt::format("layers.{}.0", next))) options.classes = head->at(0);
  return sensible(options.in_channels) && sensible(options.classes) && sensible_width(names, options);
}

}  // namespace cuunet
