// torchvision's published ImageNet networks as sources for the parts this program uses.
#pragma once

#include "layers/module/state_dict.h"

namespace cuunet {

// Another source under other names.
class RenamedState final : public StateSource {
 public:
  // Pairs (name here, name there); what is not listed is left out.
  RenamedState(const StateSource& source, std::map<std::string, std::string> names)
      : source_(source), names_(std::move(names)) {}

  std::string description() const override { return source_.description(); }
  std::vector<std::string> names() const override;
  Shape shape(const std::string& name) const override { return source_.shape(names_.at(name)); }
  std::vector<double> values(const std::string& name) const override { return source_.values(names_.at(name)); }
  void load(const std::string& name, Tensor& tensor) const override { source_.load(names_.at(name), tensor); }

 private:
  const StateSource& source_;
  std::map<std::string, std::string> names_;
};

// A ResNet's file for ResNetBody: conv1 → 0, bn1 → 1, layer1 … layer4 → 4 … 7, without fc.
RenamedState torchvision_resnet_body(const StateSource& source);
// A VGG's file for VGG without its classifier.
RenamedState torchvision_vgg_features(const StateSource& source);

}  // namespace cuunet
