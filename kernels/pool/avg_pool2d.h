// y[n, c, p, q] = mean of x[n, c, p·stride + r, q·stride + s], r, s < kernel       x: [N, C, H, W]
// P = floor((H - kernel)/stride) + 1, Q alike. The gradient adds grad_y/kernel² to each element of the window.
// PyTorch: torch.nn.functional.avg_pool2d(x, kernel, stride)
// x, y may be channel slices; an empty grad_x is not computed.
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

struct AvgPoolParams {
  int kernel = 2, stride = 2;
};

// The shape of y; a ShapeError unless x is [N, C, H, W] of at least one window.
Shape avg_pool2d_shape(const Shape& x, const AvgPoolParams&);

inline constinit Operator<void(Context&, ConstView x, View y, const AvgPoolParams&)> avg_pool2d_forward{
    "avg_pool2d_forward"};
inline constinit Operator<void(Context&, ConstView grad_y, View grad_x, const AvgPoolParams&)> avg_pool2d_backward{
    "avg_pool2d_backward"};

}  // namespace cuunet
