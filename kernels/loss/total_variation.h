// loss   = mean or sum of |x[h+1] - x[h]| + mean or sum of |x[w+1] - x[w]|       x: [N, C, H, W] f32, bf16 or f64
// grad_x = grad_loss · (scale_v · signs of the vertical differences + scale_h · of the horizontal); the sign of 0 is 0
// Anisotropic. Each mean divides by the number of its own differences; a map one pixel high (wide) has none, and its
// mean counts as 0. loss: one f32 (f64 for f64).
// PyTorch: (x[..., 1:, :] - x[..., :-1, :]).abs().mean() + (x[..., :, 1:] - x[..., :, :-1]).abs().mean()
#pragma once

#include "kernels/device/operator.h"
#include "kernels/loss/reduction.h"

namespace cuunet {

inline constinit Operator<void(Context&, ConstView x, View loss, Reduction)> total_variation_forward{
    "total_variation_forward"};
inline constinit Operator<void(Context&, ConstView x, ConstView grad_loss, View grad_x, Reduction)>
    total_variation_backward{"total_variation_backward"};

}  // namespace cuunet
