// Differentiable resampling and padding. Formulas and shapes: kernels/resample.
#pragma once

#include "autograd/tape/tape.h"
#include "kernels/resample/interpolate.h"
#include "kernels/resample/pad.h"

namespace cuunet {

// [N, C, H, W] → [N, C, height, width]. PyTorch: torch.nn.functional.interpolate(x, size, mode)
Var interpolate(const Var& x, int64_t height, int64_t width, Interpolation kind);
// To the height and width of `like`, which gets no gradient. PyTorch: interpolate(x, like.shape[2:], mode)
Var interpolate_like(const Var& x, const Var& like, Interpolation kind);
// To factor times the height and width. PyTorch: interpolate(x, scale_factor=factor, mode)
Var upsample(const Var& x, int factor, Interpolation kind);

// What an OperatorObserver sees of them: the size of the first, the factor of the last.
struct InterpolateCall {
  Interpolation kind;
  int64_t height = 0, width = 0;
  int factor = 0;
};

// Reflected, replicated or zero borders. PyTorch: torch.nn.functional.pad(x, [left, right, top, bottom], mode)
Var pad2d(const Var& x, const PadParams& params);

}  // namespace cuunet
