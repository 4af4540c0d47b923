// DeOldify's critic: strided 4×4 convolutions with spectral norm between 3×3 ones, and a score per patch.
// J. Antic, github.com/jantic/DeOldify, deoldify/critics.py; after fastai's gan_critic.
//
// x: [N, channels, H, W] → [N, 1, h, w] scores without activation, h = H/16 - 3: 64 px gives 1 × 1, 96 px 3 × 3.
//   0 4×4/2 → width · 1 dropout · 2 3×3 · 3 dropout · 4 4×4/2 → 2 width, self-attention
//   twice: 3×3 · dropout · 4×4/2 to twice the channels · then 11 3×3 · 12 4×4 without padding → 1
// Every convolution but the last is followed by a leaky ReLU of 0.2. At width 256: 94,555,649 parameters.
#pragma once

#include "layers/nn/elementary.h"

namespace cuunet {

struct DeOldifyCriticOptions {
  int64_t channels = 3, width = 256;
  int blocks = 3;         // halvings after the first
  double dropout = 0.15;  // of whole maps; half of it after the first convolution
};

class DeOldifyCritic final : public Sequential {
 public:
  DeOldifyCritic(const Placement& placement, const DeOldifyCriticOptions& options = {});
};

}  // namespace cuunet
