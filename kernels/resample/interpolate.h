// Resampling of [N, C, H, W] to another height and width. in, out: the sizes along one axis, d: an output index.
// nearest:  source = min(floor(float(d)·(float(in)/float(out))), in-1), every operation in f32 as in PyTorch: exact
//           arithmetic gives another index in rare places (14 → 46 at d = 23).
// bilinear: separable; s = max((d + 0.5)·in/out - 0.5, 0), or with align_corners s = d·(in-1)/(out-1), 0 when out = 1;
//           i0 = floor(s), i1 = min(i0+1, in-1), weights 1 - (s - i0) and s - i0
// The gradient adds grad_y, so weighted, to what was read.
// PyTorch: torch.nn.functional.interpolate, mode="nearest" or "bilinear"
// The output's size is that of y. x, y may be channel slices; an empty grad_x is not computed.
#pragma once

#include "kernels/device/host_device.h"
#include "kernels/device/operator.h"

namespace cuunet {

enum class Interpolation { nearest, bilinear, bilinear_align_corners };

// [N, C, height, width]; a ShapeError unless x is [N, C, H, W] and all sizes are positive.
Shape interpolate_shape(const Shape& x, int64_t height, int64_t width);

CUUNET_HOST_DEVICE inline int64_t nearest_source(int64_t d, int64_t in, int64_t out) {
  float scale = static_cast<float>(in) / static_cast<float>(out);
  auto source = static_cast<int64_t>(static_cast<float>(d) * scale);
  return source < in - 1 ? source : in - 1;
}

inline constinit Operator<void(Context&, ConstView x, View y, Interpolation)> interpolate_forward{
    "interpolate_forward"};
inline constinit Operator<void(Context&, ConstView grad_y, View grad_x, Interpolation)> interpolate_backward{
    "interpolate_backward"};

}  // namespace cuunet
