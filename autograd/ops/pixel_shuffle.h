// Differentiable rearrangements of channels and pixels. Formulas and shapes: kernels/pixel_shuffle.
#pragma once

#include "autograd/tape/tape.h"

namespace cuunet {

// [N, C·r², H, W] → [N, C, H·r, W·r]. PyTorch: torch.nn.functional.pixel_shuffle
Var pixel_shuffle(const Var& x, int factor = 2);
// blur(pixel_shuffle(x, 2)), in one pass where the device can.
Var shuffle_blur(const Var& x);
// [N, C, H·r, W·r] → [N, C·r², H, W]. PyTorch: torch.nn.functional.pixel_unshuffle
Var pixel_unshuffle(const Var& x, int factor = 2);

}  // namespace cuunet
