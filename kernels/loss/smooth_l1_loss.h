// d = input - target
// loss        = mean or sum of |d| < beta ? d²/(2 beta) : |d| - beta/2
// grad_input  = grad_loss · scale · (|d| < beta ? d/beta : sign d); scale = 1/elements or 1
// grad_target = -grad_input
// input, target: any shape, f32, bf16 or f64; loss: one f32 (f64 for f64); beta > 0, else an Error.
// PyTorch: torch.nn.functional.smooth_l1_loss, but unequal shapes are refused. Empty gradients are not computed.
#pragma once

#include "kernels/device/operator.h"
#include "kernels/loss/reduction.h"

namespace cuunet {

struct SmoothL1Params {
  Reduction reduction = Reduction::mean;
  double beta = 1;
};

inline constinit Operator<void(Context&, ConstView input, ConstView target, View loss, const SmoothL1Params&)>
    smooth_l1_loss_forward{"smooth_l1_loss_forward"};
inline constinit Operator<void(Context&, ConstView input, ConstView target, ConstView grad_loss, View grad_input,
                               View grad_target, const SmoothL1Params&)>
    smooth_l1_loss_backward{"smooth_l1_loss_backward"};

}  // namespace cuunet
