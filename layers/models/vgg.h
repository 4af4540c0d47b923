// torchvision's VGG-16, VGG-16-BN and VGG-19: the feature layers, and the classifier when asked for.
// K. Simonyan and A. Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition" (2014).
#pragma once

#include "layers/nn/convolution_batch_norm.h"
#include "layers/nn/elementary.h"

#include <optional>
#include <string>
#include <vector>

namespace cuunet {

struct VGGOptions {
  std::string architecture = "vgg16_bn";  // vgg16, vgg16_bn or vgg19
  bool classifier = false;                // classifier.0, .3 and .6 as well (x must then be [N, 3, 224, 224])
};

class VGG final : public Module {
 public:
  VGG(const Placement& placement, const VGGOptions& options);

  // Outputs of the ReLUs before max pools 3, 4 and 5 (features 22, 32, 42 with batch norm; 15, 22, 29 without; 17, 26,
  // 35 of VGG-19). x: [N, 3, H, W], ImageNet-normalised → [N, 256, H/4, W/4], [N, 512, H/8, W/8], [N, 512, H/16, W/16]
  std::vector<Var> taps(const Var& x);
  const std::vector<size_t>& tap_indices() const { return taps_; }
  bool has_classifier() const { return classifier_ != nullptr; }

 private:
  Var forward(const Var& x) override;  // [N, 1000], with the classifier

  // One convolution with what follows it: batch norm if there is one, ReLU.
  struct Step {
    Conv2d* convolution;
    std::optional<ConvolutionBatchNorm> normalised;
    Module* pool = nullptr;  // behind it, at the end of a block
    bool tap = false;
  };
  Var run(Step& step, const Var& x) {
    return step.normalised ? (*step.normalised)(x, true) : step.convolution->with_relu(x);
  }

  Sequential& features_;
  std::vector<Step> steps_;
  Sequential* classifier_ = nullptr;
  std::vector<size_t> taps_;
};

}  // namespace cuunet
