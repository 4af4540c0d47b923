// The feature loss: a frozen VGG judges the prediction.
//
//   L = L1(pred, target) + Σ_i w_i · L1(f_i(pred), f_i(target)) + Σ_i w_i² · 5000 · L1(G_i(pred), G_i(target))
//
// f_i: the VGG's taps, G_i = X·Xᵀ / (C·H·W) per image with X = f_i as [C, H·W], L1 = mean absolute difference.
// pred and target: [N, 3, H, W], ImageNet-normalised, sides of at least 32 pixels.
// J. Johnson et al., "Perceptual Losses for Real-Time Style Transfer and Super-Resolution" (2016); fastai's lesson 7.
#pragma once

#include "layers/losses/loss.h"
#include "layers/models/vgg.h"

#include <vector>

namespace cuunet {

struct FeatureLossOptions {
  std::vector<double> layer_weights{5, 15, 2};
  double gram_weight = 5000;  // 0 leaves the gram terms out
};

class FeatureLoss final : public Loss {
 public:
  // The VGG is put into eval mode and its parameters are frozen.
  FeatureLoss(VGG& vgg, const FeatureLossOptions& options);
  LossTerms operator()(const Var& prediction, const Var& target) override;

 private:
  VGG& vgg_;
  FeatureLossOptions options_;
};

}  // namespace cuunet
