// Differentiable resampling and padding. Formulas and shapes: kernels/resample.
#pragma once

#include "autograd/tape/tape.h"
#include "kernels/resample/interpolate.h"
#include "kernels/resample/pad.h"

namespace cuunet {

// [N, C, H, W] → [N, C, height, width]. PyTorch: torch.nn.functional.interpolate(x, size, mode)
Var interpolate(const Var& x, int64_t height, int64_t width, Interpolation kind);
// Reflected, replicated or zero borders. PyTorch: torch.nn.functional.pad(x, [left, right, top, bottom], mode)
Var pad2d(const Var& x, const PadParams& params);

}  // namespace cuunet
