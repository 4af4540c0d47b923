// y = exp(x - max) / Σ exp(x - max)                   along one dimension
// grad_x = y · (grad_y - Σ grad_y · y)
// x, y: f32, bf16 or f64; any dimension of rank 1 to 3, dimension 1 of [N, C, H, W]
// PyTorch: torch.softmax(x, dim)
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

// Throws a ShapeError when softmax has no such dimension.
void require_softmax(const Shape& x, int dim);

inline constinit Operator<void(Context&, ConstView x, View y, int dim)> softmax_forward{"softmax_forward"};
inline constinit Operator<void(Context&, ConstView y, ConstView grad_y, View grad_x, int dim)> softmax_backward{
    "softmax_backward"};

}  // namespace cuunet
