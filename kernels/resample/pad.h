// Padding of [N, C, H, W] to [N, C, top+H+bottom, left+W+right].
// What lies outside: kernels/device/padding.h; every reflected pad is smaller than the size, others are as they like.
// The gradient of a padded cell adds to that of the cell it copies.
// PyTorch: torch.nn.functional.pad(x, [left, right, top, bottom], mode="reflect" | "replicate" | "constant")
// x, y may be channel slices; an empty grad_x is not computed.
#pragma once

#include "kernels/device/operator.h"
#include "kernels/device/padding.h"

namespace cuunet {

struct PadParams {
  int64_t left = 0, right = 0, top = 0, bottom = 0;
  PaddingMode mode = PaddingMode::reflect;
};

// The shape of y; a ShapeError when x is not [N, C, H, W], a pad is negative, or a reflected one is not below the size.
Shape pad_shape(const Shape& x, const PadParams&);

inline constinit Operator<void(Context&, ConstView x, View y, const PadParams&)> pad_forward{"pad_forward"};
inline constinit Operator<void(Context&, ConstView grad_y, View grad_x, const PadParams&)> pad_backward{"pad_backward"};

}  // namespace cuunet
