// y = blur(pixel_shuffle(x, 2)) in one pass         x: [N, 4C, H, W], y: [N, C, 2H, 2W]
// The fine pixels live only as three rows per thread. PyTorch: see pixel_shuffle.h and kernels/pool/blur.h.
// x and y may be channel slices, but not overlap; an empty grad_x is not computed.
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

inline constinit Operator<void(Context&, ConstView x, View y)> shuffle_blur_forward{"shuffle_blur_forward"};
inline constinit Operator<void(Context&, ConstView grad_y, View grad_x)> shuffle_blur_backward{"shuffle_blur_backward"};

}  // namespace cuunet
