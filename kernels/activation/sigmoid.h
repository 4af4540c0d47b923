// s      = 1/(1 + exp(-x)),  y = low + (high - low)·s      x, y: any shape, f32, bf16 or f64
// grad_x = grad_y·(high - low)·s·(1 - s)
// PyTorch: torch.sigmoid(x)·(high - low) + low; low 0 and high 1 is torch.sigmoid
// backward reads x: near the ends a y rounded to bf16 has lost 1 - s. y may be x, grad_x may be grad_y.
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

struct SigmoidBounds {
  double low = 0, high = 1;
};

inline constinit Operator<void(Context&, ConstView x, View y, SigmoidBounds bounds)> sigmoid_forward{"sigmoid_forward"};
inline constinit Operator<void(Context&, ConstView x, ConstView grad_y, View grad_x, SigmoidBounds bounds)>
    sigmoid_backward{"sigmoid_backward"};

}  // namespace cuunet
