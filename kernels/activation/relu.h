// y      = max(x, 0)                  x, y: any shape, f32, bf16 or f64
// grad_x = y > 0 ? grad_y : 0         the gradient at x = 0 is 0
// PyTorch: torch.nn.functional.relu
// backward reads y, so that x need not be kept. y may be x, grad_x may be grad_y. NaN stays NaN.
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

inline constinit Operator<void(Context&, ConstView x, View y)> relu_forward{"relu_forward"};
inline constinit Operator<void(Context&, ConstView y, ConstView grad_y, View grad_x)> relu_backward{"relu_backward"};

}  // namespace cuunet
