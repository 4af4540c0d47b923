// y[n, c, p, q] = max of x[n, c, p·stride - padding + r, q·stride - padding + s], r, s < kernel      x: [N, C, H, W]
// Outside x counts as minus infinity. The first maximum in row-major order of the window wins; a NaN in a window wins.
// P = floor((H + 2·padding - kernel)/stride) + 1, Q alike. The winner alone gets the gradient; overlaps add.
// PyTorch: torch.nn.functional.max_pool2d(x, kernel, stride, padding, return_indices=True)
// forward also writes where in its window each maximum was: position r·kernel + s, u8, of y's shape, for backward.
// max_pool2d_indices makes PyTorch's indices h·W + w (i64) of the positions.
// x, y may be channel slices; an empty grad_x is not computed, empty positions are not written.
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

struct MaxPoolParams {
  int kernel = 2, stride = 2, padding = 0;
};  // kernel at most 15: positions are bytes

// The shape of y; a ShapeError when it would be empty, or the padding is over half the kernel.
Shape max_pool2d_shape(const Shape& x, const MaxPoolParams&);

inline constinit Operator<void(Context&, ConstView x, View y, View positions, const MaxPoolParams&)> max_pool2d_forward{
    "max_pool2d_forward"};
inline constinit Operator<void(Context&, ConstView positions, ConstView grad_y, View grad_x, const MaxPoolParams&)>
    max_pool2d_backward{"max_pool2d_backward"};
// width: W of x.
inline constinit Operator<void(Context&, ConstView positions, View indices, int64_t width, const MaxPoolParams&)>
    max_pool2d_indices{"max_pool2d_indices"};

}  // namespace cuunet
