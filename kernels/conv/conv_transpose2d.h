// The transposed convolution: conv2d's gradient by its input, used forward.
//
// y[n,o,Y,X] = b[o] + Σ x[n,c,i,j] · w[c,o,r,s] over (c, i, j, r, s) with i·stride+r-pad = Y and j·stride+s-pad = X
// PyTorch: torch.nn.functional.conv_transpose2d(x, w, b, stride, padding)
//
// x: [N, C, H, W] f32, bf16 or f64, y: [N, K, P, Q] of the same type, w: [C, K, R, S] and b: [K] f32 (f64 with f64),
// P = (H - 1)·stride - 2·pad + R. Gradients overwrite; an empty bias, grad_w or grad_bias is not there.
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

struct ConvTranspose2dParams {
  int stride = 1, padding = 0;
};

// [N, K, P, Q] of x and w; throws a ShapeError where they don't fit or nothing is left of the image.
Shape conv_transpose2d_output_shape(const Shape& x, const Shape& w, const ConvTranspose2dParams&);

inline constinit Operator<void(Context&, ConstView x, ConstView w, ConstView bias, View y,
                               const ConvTranspose2dParams&)>
    conv_transpose2d_forward{"conv_transpose2d_forward"};
inline constinit Operator<void(Context&, ConstView grad_y, ConstView w, View grad_x, const ConvTranspose2dParams&)>
    conv_transpose2d_backward_input{"conv_transpose2d_backward_input"};
inline constinit Operator<void(Context&, ConstView x, ConstView grad_y, View grad_w, View grad_bias,
                               const ConvTranspose2dParams&)>
    conv_transpose2d_backward_weight{"conv_transpose2d_backward_weight"};

}  // namespace cuunet
