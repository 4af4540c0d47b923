// shuffle:   y[n, c, h·r+i, w·r+j] = x[n, c·r²+i·r+j, h, w]     x: [N, C·r², H, W], y: [N, C, H·r, W·r]
// unshuffle: y[n, c·r²+i·r+j, h, w] = x[n, c, h·r+i, w·r+j]     the inverse
// PyTorch: torch.nn.functional.pixel_shuffle, pixel_unshuffle
// Each one's gradient is the other. x and y may be channel slices; they may not overlap.
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

// The shape of y; a ShapeError when the channels, or height and width, are not divisible.
Shape pixel_shuffle_shape(const Shape& x, int factor);
Shape pixel_unshuffle_shape(const Shape& x, int factor);

inline constinit Operator<void(Context&, ConstView x, View y, int factor)> pixel_shuffle_forward{
    "pixel_shuffle_forward"};
inline constinit Operator<void(Context&, ConstView x, View y, int factor)> pixel_unshuffle_forward{
    "pixel_unshuffle_forward"};

}  // namespace cuunet
