// y[n, c, h, w] = x[n0 + n, c0 + c, h0 + h, w0 + w], the ranges as wide as y
// grad_x is grad_y inside the ranges and 0 outside.
// PyTorch: x[n0:n1, c0:c1, h0:h1, w0:w1]
// x, y may be channel slices; an empty grad_x is not computed.
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

struct CropOrigin {
  int64_t n = 0, c = 0, h = 0, w = 0;
};

inline constinit Operator<void(Context&, ConstView x, View y, CropOrigin)> crop_forward{"crop_forward"};
inline constinit Operator<void(Context&, ConstView grad_y, View grad_x, CropOrigin)> crop_backward{"crop_backward"};

}  // namespace cuunet
