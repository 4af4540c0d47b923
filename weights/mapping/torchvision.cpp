#include "weights/mapping/torchvision.h"

#include <algorithm>

namespace cuunet {

std::vector<std::string> RenamedState::names() const {
  std::vector<std::string> names;
  for (const auto& [here, there] : names_) names.push_back(here);
  return names;
}

RenamedState torchvision_resnet_body(const StateSource& source) {
  constexpr std::pair<const char*, const char*> children[] = {{"conv1.", "0."},  {"bn1.", "1."},    {"layer1.", "4."},
                                                              {"layer2.", "5."}, {"layer3.", "6."}, {"layer4.", "7."}};
  std::map<std::string, std::string> names;
  for (const std::string& name : source.names()) {
    if (name.starts_with("fc.")) continue;
    std::string here = name;
    for (auto [there, child] : children) {
      if (name.starts_with(there)) here = child + name.substr(std::string(there).size());
    }
    names[here] = name;
  }
  return {source, std::move(names)};
}

std::string torchvision_resnet_name(const StateSource& source) {
  std::vector<std::string> names = source.names();
  auto holds = [&](const char* name) { return std::find(names.begin(), names.end(), name) != names.end(); };
  if (!holds("conv1.weight") || !holds("layer4.0.conv1.weight")) return "";
  // Bottlenecks have a third convolution; the third layer has 2, 6, or 23 blocks.
  if (holds("layer1.0.conv3.weight")) return holds("layer3.6.conv1.weight") ? "resnet101" : "resnet50";
  return holds("layer3.2.conv1.weight") ? "resnet34" : "resnet18";
}

RenamedState torchvision_vgg_features(const StateSource& source) {
  std::map<std::string, std::string> names;
  for (const std::string& name : source.names()) {
    if (!name.starts_with("classifier.")) names[name] = name;
  }
  return {source, std::move(names)};
}

}  // namespace cuunet
