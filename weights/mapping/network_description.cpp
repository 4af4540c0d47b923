#include "weights/mapping/recognition.h"

#include <fmt/format.h>

namespace cuunet {
namespace {

std::string description(const DynamicUnetOptions& o, bool odd_size) {
  std::string text =
      fmt::format("encoder {}, {} in, {} out, norm {}", o.encoder, o.in_channels, o.classes, name_of(o.norm));
  if (o.decoder != Decoder::fastai) {
    text += fmt::format(", DeOldify's {} decoder, width {}", name_of(o.decoder), o.decoder_width);
  }
  if (o.encoder_width != 64) text += fmt::format(", width {}", o.encoder_width);
  if (o.self_attention) text += ", self-attention";
  if (!o.last_cross) text += ", without last_cross";
  if (o.bottleneck) text += ", bottleneck";
  if (odd_size) text += ", built for an odd size that does not show";
  return text;
}

std::string description(const UnetGeneratorOptions& o) {
  return fmt::format("{} channels, {} features, {} downs, {} blocks, {} upsampling", o.in_channels, o.features, o.downs,
                     o.residual ? "residual" : "plain", o.bilinear ? "bilinear" : "transposed");
}

std::string description(const PatchGANOptions& o) {
  return fmt::format("pairs of {} channels, {} base channels, {} layers, at most {} channels", o.in_channels,
                     o.base_channels, o.layers, o.max_channels);
}

std::string description(const DeOldifyCriticOptions& o) {
  return fmt::format("{} channels, width {}, {} blocks", o.channels, o.width, o.blocks);
}

}  // namespace

std::string description_of(const RecognisedNetwork& network) {
  const std::string& model = network.model;
  if (model == "dynamic_unet") return model + ": " + description(network.unet, network.odd_size);
  if (model == "unet_generator") return model + ": NectarGAN's, " + description(network.generator);
  if (model == "patch_gan") return model + ": NectarGAN's, " + description(network.patch_gan);
  if (model == "deoldify_critic") return model + ": " + description(network.critic);
  return model + (network.classifier ? "" : ", without its classifier");
}

}  // namespace cuunet
