// The pixel loss with colour counted apart from brightness, which a colouriser's input already holds.
//
//   L = L1(pred, target) + chroma_weight · MSE(C·pred, C·target),  C·(r, g, b) = (r - g, b - (r + g) / 2)
//
// The square asks for the mean of the colours that a grey pixel may have, where L1 asks for their median, to which a
// minority, however colourful, adds nothing. pred and target: [N, 3, H, W], ImageNet-normalised.
// R. Zhang et al., "Colorful Image Colorization" (2016), section 2.2, on what Euclidean losses give.
#pragma once

#include "layers/losses/loss.h"

namespace cuunet {

class ColorLoss final : public Loss {
 public:
  explicit ColorLoss(double chroma_weight);
  // Terms: pixel, chroma.
  LossTerms operator()(const Var& prediction, const Var& target) override;

 private:
  double chroma_weight_;
};

}  // namespace cuunet
