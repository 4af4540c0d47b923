// loss        = mean or sum of (input - target)²
// grad_input  = grad_loss · scale · 2 (input - target); scale = 1/elements or 1
// grad_target = -grad_input
// input, target: any shape, f32, bf16 or f64; loss: one f32 (f64 for f64). PyTorch: torch.nn.functional.mse_loss, but
// unequal shapes are refused, not broadcast. Empty gradients are not computed.
#pragma once

#include "kernels/device/operator.h"
#include "kernels/loss/reduction.h"

namespace cuunet {

inline constinit Operator<void(Context&, ConstView input, ConstView target, View loss, Reduction)> mse_loss_forward{
    "mse_loss_forward"};
inline constinit Operator<void(Context&, ConstView input, ConstView target, ConstView grad_loss, View grad_input,
                               View grad_target, Reduction)>
    mse_loss_backward{"mse_loss_backward"};

}  // namespace cuunet
