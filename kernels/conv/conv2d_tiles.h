// f32 convolutions on the CPU, in tiles of pixels by channels that stay in registers.
//
// Products are added in runs of at most 16, eight runs' sums to each other, and these to the rest: for 512 channels,
// 3×3, an output's rounding error is a fifth of what one running sum over all C·R·S products has (docs/f32.md). Bits
// depend on the shapes alone, and on whether the CPU has FMA.
#pragma once

#include "kernels/conv/conv2d.h"

namespace cuunet::tiles {

// Whether x and y are f32 and the kernel is no larger than the tables kept of it.
bool can_convolve(ConstView x, const Shape& w, ConstView y);

// Shapes and errors as in conv2d.h; x and y may be channel slices.
void conv2d_forward(Context&, ConstView x, ConstView w, ConstView bias, View y, const Conv2dParams&);
// The same by the rotated weights: x is [N, K, H, W], y [N, C, P, Q]. Keeps no weights.
void conv2d_rotated(Context&, ConstView x, ConstView w, View y, const Conv2dParams&);

}  // namespace cuunet::tiles
