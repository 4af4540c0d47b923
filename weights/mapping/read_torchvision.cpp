#include "weights/mapping/tensor_names.h"

#include <fmt/format.h>

namespace cuunet {

// Bottlenecks have a third convolution; the third layer has 2, 6, or 23 blocks.
std::string resnet_named_by(const TensorNames& names, const char* first_layer, const char* third_layer) {
  auto block = [&](int i) { return names.holds(fmt::format("{}.{}.conv1.weight", third_layer, i)); };
  if (names.holds(fmt::format("{}.0.conv3.weight", first_layer))) return block(6) ? "resnet101" : "resnet50";
  return block(2) ? "resnet34" : "resnet18";
}

bool read_resnet(const TensorNames& names, RecognisedNetwork& network) {
  if (!names.holds("conv1.weight") || !names.holds("layer4.0.conv1.weight")) return false;
  network.model = resnet_named_by(names, "layer1", "layer3");
  const auto* head = names.shape("fc.weight");
  bool usable = head != nullptr && head->size() == 2 && head->at(0) >= 1 && head->at(0) <= 100'000;
  if (usable && head->at(1) >= 512) network.classes = head->at(0);
  return true;
}

bool read_vgg(const TensorNames& names, RecognisedNetwork& network) {
  if (!names.holds("features.0.weight") || !names.holds("features.28.weight")) return false;
  bool normalised = names.holds("features.1.running_mean");
  network.model = normalised ? "vgg16_bn" : names.holds("features.34.weight") ? "vgg19" : "vgg16";
  network.classifier = names.any_begins("classifier.");
  return true;
}

}  // namespace cuunet
