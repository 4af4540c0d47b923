#include "weights/mapping/torchvision.h"

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

RenamedState torchvision_vgg_features(const StateSource& source) {
  std::map<std::string, std::string> names;
  for (const std::string& name : source.names()) {
    if (!name.starts_with("classifier.")) names[name] = name;
  }
  return {source, std::move(names)};
}

}  // namespace cuunet
