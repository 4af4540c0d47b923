// y[i, j] = mean of x at (i', j'), (i', j), (i, j'), (i, j), with i' = max(i-1, 0), j' = max(j-1, 0)
// x, y: [N, C, H, W]; the size is unchanged. The gradient adds grad_y/4 to each of the four.
// PyTorch: AvgPool2d(2, stride=1)(ReplicationPad2d((1, 0, 1, 0))(x)); it softens what pixel_shuffle leaves of a grid.
// x, y may be channel slices, but not overlap; an empty grad_x is not computed.
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

inline constinit Operator<void(Context&, ConstView x, View y)> blur_forward{"blur_forward"};
inline constinit Operator<void(Context&, ConstView grad_y, View grad_x)> blur_backward{"blur_backward"};

}  // namespace cuunet
