// The feature loss: a frozen VGG judges the prediction.
//
//   L = L1(pred, target) + Σ_i w_i · L1(f_i(pred), f_i(target)) + Σ_i w_i² · 5000 · L1(G_i(pred), G_i(target))
//     + Σ_i v_i · W(f_i(pred), f_i(target))
//
// f_i: the VGG's taps, G_i = X·Xᵀ / (C·H·W) per image with X = f_i as [C, H·W], L1 = mean absolute difference,
// W: the Wasserstein distance of kernels/loss/wasserstein.h, which DeOldify's WassFeatureLoss has instead of the Gram
// terms: layer_weights 5, 15, 2, gram_weight 0, wasserstein_weights 3, 0.7, 0.01.
// pred and target: [N, 3, H, W], ImageNet-normalised, sides of at least 32 pixels.
// J. Johnson et al., "Perceptual Losses for Real-Time Style Transfer and Super-Resolution" (2016); fastai's lesson 7.
#pragma once

#include "layers/losses/loss.h"
#include "layers/models/vgg.h"

#include <vector>

namespace cuunet {

struct FeatureLossOptions {
  std::vector<double> layer_weights{5, 15, 2};
  double gram_weight = 5000;                     // 0 leaves the gram terms out
  std::vector<double> wasserstein_weights = {};  // as many as layers, or none: without these terms
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
