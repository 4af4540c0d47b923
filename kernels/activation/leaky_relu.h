// y      = x > 0 ? x : slope·x            x, y: any shape, f32, bf16 or f64; slope >= 0
// grad_x = y > 0 ? grad_y : slope·grad_y  the gradient at x = 0 is slope·grad_y
// PyTorch: torch.nn.functional.leaky_relu
// backward reads y, so that x need not be kept. y may be x, grad_x may be grad_y. NaN stays NaN.
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

inline constinit Operator<void(Context&, ConstView x, View y, double slope)> leaky_relu_forward{"leaky_relu_forward"};
inline constinit Operator<void(Context&, ConstView y, ConstView grad_y, View grad_x, double slope)> leaky_relu_backward{
    "leaky_relu_backward"};

}  // namespace cuunet
