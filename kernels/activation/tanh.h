// y      = tanh(x)                     x, y: any shape, f32, bf16 or f64
// grad_x = grad_y·(1 - y²)
// PyTorch: torch.tanh
// backward reads x, as a y rounded to bf16 has lost 1 - y² near ±1. y may be x, grad_x may be grad_y.
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

inline constinit Operator<void(Context&, ConstView x, View y)> tanh_forward{"tanh_forward"};
inline constinit Operator<void(Context&, ConstView x, ConstView grad_y, View grad_x)> tanh_backward{"tanh_backward"};

}  // namespace cuunet
