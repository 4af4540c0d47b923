// y[…,o] = b[o] + Σ_i x[…,i] · w[o,i]
// x: […, I] row-major, f32, bf16 or f64, y: […, O] of the same type; w: [O, I] and b: [O] f32 (f64 with f64)
// PyTorch: torch.nn.functional.linear. Gradients overwrite; an empty bias, grad_w or grad_bias is not there.
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

// The shape of y; throws a ShapeError where x, w and the bias, if any, don't fit.
Shape linear_output_shape(const Shape& x, const Shape& w, ConstView bias);

inline constinit Operator<void(Context&, ConstView x, ConstView w, ConstView bias, View y)> linear_forward{
    "linear_forward"};
inline constinit Operator<void(Context&, ConstView grad_y, ConstView w, View grad_x)> linear_backward_input{
    "linear_backward_input"};
inline constinit Operator<void(Context&, ConstView x, ConstView grad_y, View grad_w, View grad_bias)>
    linear_backward_weight{"linear_backward_weight"};

}  // namespace cuunet
