// y[n,o,l] = b[o] + Σ_c w[o,c,0] · x[n,c,l]: the convolution of kernel 1, a matrix product per image
// x: [N, C, L] row-major, f32, bf16 or f64, y: [N, K, L] of the same type; w: [K, C, 1] and b: [K] f32 (f64 with f64)
// PyTorch: torch.nn.functional.conv1d. Gradients overwrite; an empty bias, grad_w or grad_bias is not there.
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

// The shape of y; throws a ShapeError where x, w and the bias, if any, don't fit.
Shape conv1d_output_shape(const Shape& x, const Shape& w, ConstView bias);

inline constinit Operator<void(Context&, ConstView x, ConstView w, ConstView bias, View y)> conv1d_forward{
    "conv1d_forward"};
inline constinit Operator<void(Context&, ConstView grad_y, ConstView w, View grad_x)> conv1d_backward_input{
    "conv1d_backward_input"};
inline constinit Operator<void(Context&, ConstView x, ConstView grad_y, View grad_w, View grad_bias)>
    conv1d_backward_weight{"conv1d_backward_weight"};

}  // namespace cuunet
