// torchvision's ResNet-18, -34, -50 and -101. K. He et al., "Deep Residual Learning for Image Recognition" (2015).
#pragma once

#include "layers/nn/batch_norm2d.h"
#include "layers/nn/conv2d.h"
#include "layers/nn/convolution_batch_norm.h"
#include "layers/nn/elementary.h"

#include <array>
#include <optional>

namespace cuunet {

struct ResNetArchitecture {
  const char* name;
  std::array<int, 4> blocks;
  bool bottleneck;
  int64_t expansion() const { return bottleneck ? 4 : 1; }
};
const ResNetArchitecture& resnet_named(const std::string& name);  // a UsageError lists the names

// The two 3×3 convolutions of ResNet-18 and -34, or the 1×1, 3×3, 1×1 of the deeper ones, around a shortcut.
struct ResNetBlockOptions {
  int64_t in, width;
  int stride;
  bool bottleneck;
};

class ResNetBlock final : public Module {
 public:
  ResNetBlock(const Placement& placement, const ResNetBlockOptions& options);

 private:
  Var forward(const Var& x) override;
  std::vector<ConvolutionBatchNorm> steps_;
  std::optional<ConvolutionBatchNorm> shortcut_;
};

// The body without its head, named as fastai's U-Net does: 0 conv1, 1 bn1, 2 ReLU, 3 max pool, 4 … 7 layer1 … layer4.
struct ResNetBodyOptions {
  ResNetArchitecture architecture;
  int64_t in_channels = 3;
  int64_t width = 64;  // of the stem and layer 1; layers 2, 3 and 4 have twice, four and eight times as many channels
};

class ResNetBody final : public Sequential {
 public:
  ResNetBody(const Placement& placement, const ResNetBodyOptions& options);
  // forward(x); features[i] becomes the output of child i, for i = 2, 4, 5 and 6 (the skips).
  Var run(const Var& x, std::array<Var, 8>& features);
  // Channels after child i.
  int64_t channels_after(size_t i) const { return channels_[i]; }

 private:
  std::optional<ConvolutionBatchNorm> stem_;
  std::array<int64_t, 8> channels_{};
};

// The whole classifier under torchvision's names: conv1, bn1, layer1 … layer4, fc. x: [N, 3, H, W] → [N, classes].
class ResNet final : public Module {
 public:
  ResNet(const Placement& placement, const ResNetArchitecture& architecture, int64_t classes = 1000);

 private:
  Var forward(const Var& x) override;
  std::optional<ConvolutionBatchNorm> stem_;
  std::array<Sequential*, 4> stages_;
  Module* fc_;
};

}  // namespace cuunet
