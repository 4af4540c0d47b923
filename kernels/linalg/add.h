// y = a + b             f32, bf16 or f64
// PyTorch: a + b
// add_forward: a, b, y of one shape; y may be a or b.
// add_relu: y = max(a + b, 0), of one shape; both gradients are relu_backward(y, grad_y).
// add_broadcast: y has the broadcast shape; a and b are repeated where they have one element or no dimension, aligned
// at the last dimension. Its gradients are reduce_sum over those dimensions.
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

// The shape that a and b broadcast to; a ShapeError that prints both when they do not.
Shape broadcast_shape(const char* op, const Shape& a, const Shape& b);

inline constinit Operator<void(Context&, ConstView a, ConstView b, View y)> add_forward{"add_forward"};
inline constinit Operator<void(Context&, ConstView a, ConstView b, View y)> add_relu_forward{"add_relu_forward"};
inline constinit Operator<void(Context&, ConstView a, ConstView b, View y)> add_broadcast{"add_broadcast"};

}  // namespace cuunet
