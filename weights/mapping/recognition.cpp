#include "weights/mapping/recognition.h"

#include "layers/models/resnet.h"
#include "layers/models/vgg.h"

#include <fmt/format.h>

#include <algorithm>

namespace cuunet {
namespace {

// The names behind one prefix.
class Names {
 public:
  Names(const TensorShapes& shapes, const std::string& prefix) : shapes_(shapes), prefix_(prefix) {}

  const std::vector<int64_t>* shape(const std::string& name) const {
    auto found = shapes_.find(prefix_ + name);
    return found == shapes_.end() ? nullptr : &found->second;
  }
  bool holds(const std::string& name) const { return shape(name) != nullptr; }
  bool any_begins(const std::string& name) const {
    auto first = shapes_.lower_bound(prefix_ + name);
    return first != shapes_.end() && first->first.starts_with(prefix_ + name);
  }
  // [out, in, …] of a convolution's weight, plain, with weight norm or with spectral norm.
  const std::vector<int64_t>* weight(const std::string& layer) const {
    for (const char* kind : {".weight_orig", ".weight_v", ".weight"}) {
      const std::vector<int64_t>* found = shape(layer + kind);
      if (found != nullptr && found->size() == 4) return found;
    }
    return nullptr;
  }

 private:
  const TensorShapes& shapes_;
  const std::string& prefix_;
};

// Whether a dimension is one that a network may be built with.
bool sensible(int64_t extent) { return extent >= 1 && extent <= 1024; }

// Bottlenecks have a third convolution; the third layer has 2, 6, or 23 blocks.
std::string resnet_named_by(const Names& names, const char* first_layer, const char* third_layer) {
  auto block = [&](int i) { return names.holds(fmt::format("{}.{}.conv1.weight", third_layer, i)); };
  if (names.holds(fmt::format("{}.0.conv3.weight", first_layer))) return block(6) ? "resnet101" : "resnet50";
  return block(2) ? "resnet34" : "resnet18";
}

// A network is built from what a file says of it: one that is wider than the published ones has to hold the middle,
// too, so that a few tensors cannot ask for gigabytes.
bool sensible_width(const Names& names, const DynamicUnetOptions& options) {
  if (options.encoder_width <= 64) return options.encoder_width >= 1;
  const auto* middle = names.weight("layers.3.0.0");
  int64_t deepest = 8 * options.encoder_width * resnet_named(options.encoder).expansion();
  return options.encoder_width <= 512 && middle != nullptr && middle->at(0) == 2 * deepest && middle->at(1) == deepest;
}

NormType norm_of(const Names& names) {
  if (names.holds("layers.3.0.0.weight_orig")) return NormType::spectral;
  if (names.holds("layers.3.0.0.weight_g")) return NormType::weight;
  if (!names.holds("layers.3.0.2.running_mean")) return NormType::none;
  // fastai's default: batch norm behind convolutions, weight norm in the shuffles.
  return names.holds("layers.4.shuf.conv.0.weight_g") ? NormType::omitted : NormType::batch;
}

// DeOldify's decoders: a batch norm beside each spectral one; of `wide` one convolution per block.
void read_deoldify(const Names& names, DynamicUnetOptions& options) {
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

bool read_unet(const Names& names, RecognisedNetwork& network) {
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

bool read_resnet(const Names& names, RecognisedNetwork& network) {
  if (!names.holds("conv1.weight") || !names.holds("layer4.0.conv1.weight")) return false;
  network.model = resnet_named_by(names, "layer1", "layer3");
  const auto* head = names.shape("fc.weight");
  bool usable = head != nullptr && head->size() == 2 && head->at(0) >= 1 && head->at(0) <= 100'000;
  if (usable && head->at(1) >= 512) network.classes = head->at(0);
  return true;
}

bool read_vgg(const Names& names, RecognisedNetwork& network) {
  if (!names.holds("features.0.weight") || !names.holds("features.28.weight")) return false;
  bool normalised = names.holds("features.1.running_mean");
  network.model = normalised ? "vgg16_bn" : names.holds("features.34.weight") ? "vgg19" : "vgg16";
  network.classifier = names.any_begins("classifier.");
  return true;
}

struct Known {
  const char* first;  // a name of it, which the prefix stands before
  bool (*read)(const Names&, RecognisedNetwork&);
};
constexpr Known known[] = {{"layers.0.0.", read_unet}, {"conv1.weight", read_resnet}, {"features.0.weight", read_vgg}};

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
      if (one.read(Names(shapes, prefix), network)) return network;
    }
  }
  return std::nullopt;
}

std::unique_ptr<Module> build_recognised(const Placement& placement, const RecognisedNetwork& network) {
  if (network.model == "dynamic_unet") return std::make_unique<DynamicUnet>(placement, network.unet);
  if (network.model.starts_with("resnet")) {
    return std::make_unique<ResNet>(placement, resnet_named(network.model), network.classes);
  }
  return std::make_unique<VGG>(placement, VGGOptions{.architecture = network.model, .classifier = network.classifier});
}

std::string description_of(const RecognisedNetwork& network) {
  if (network.model != "dynamic_unet") {
    return network.model + (network.classifier ? "" : ", without its classifier");
  }
  const DynamicUnetOptions& o = network.unet;
  std::string text = fmt::format("dynamic_unet: encoder {}, {} in, {} out, norm {}", o.encoder, o.in_channels,
                                 o.classes, name_of(o.norm));
  if (o.decoder != Decoder::fastai) {
    text += fmt::format(", DeOldify's {} decoder, width {}", name_of(o.decoder), o.decoder_width);
  }
  if (o.encoder_width != 64) text += fmt::format(", width {}", o.encoder_width);
  if (o.self_attention) text += ", self-attention";
  if (!o.last_cross) text += ", without last_cross";
  if (o.bottleneck) text += ", bottleneck";
  if (network.odd_size) text += ", built for an odd size that does not show";
  return text;
}

}  // namespace cuunet
