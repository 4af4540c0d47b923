// NectarGAN's VGG-19 perceptual loss: Σ_b L1(f_b(fake), f_b(real)) over the first three slices of VGG-19's features, up
// to relu1_2, relu2_2 and relu3_3. Unlike the feature loss it takes pictures as they are, in [-1, 1], and only three
// slices.
#pragma once

#include "layers/losses/loss.h"
#include "layers/nn/conv2d.h"
#include "layers/nn/elementary.h"

#include <array>

namespace cuunet {

// Under NectarGAN's names: blocks.<slice>.<index in torchvision's vgg19.features>.
class VGG19Slices final : public Module {
 public:
  explicit VGG19Slices(const Placement& placement);

  // x: [N, 3, H, W] → [N, 64, H, W], [N, 128, H/2, W/2], [N, 256, H/4, W/4]
  std::array<Var, 3> slices(const Var& x);

 private:
  std::array<std::vector<Conv2d*>, 3> convolutions_;
};

class PerceptualLoss final : public Loss {
 public:
  // The VGG is put into eval mode and its parameters are frozen.
  explicit PerceptualLoss(VGG19Slices& vgg);
  LossTerms operator()(const Var& fake, const Var& real) override;  // terms: block0_l1, block1_l1, block2_l1

 private:
  VGG19Slices& vgg_;
};

}  // namespace cuunet
