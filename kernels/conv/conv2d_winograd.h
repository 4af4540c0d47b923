// 3×3 convolutions with stride 1 and padding 1 in f32 on the CPU, by Winograd's F(2×2, 3×3): 16 products per input and
// output channel give a tile of 2×2 outputs, where the sum itself needs 36.
//
//   tile of y = Aᵀ [Σ_c (G w[k,c] Gᵀ) ∘ (Bᵀ d[c] B)] A      d: the 4×4 inputs that the tile reads
//
//   Bᵀ = 1  0 -1  0    G = 1    0    0     Aᵀ = 1  1  1  0
//        0  1  1  0        1/2  1/2  1/2        0  1 -1 -1
//        0 -1  1  0        1/2 -1/2  1/2
//        0  1  0 -1        0    0    1
//
// Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016. G w Gᵀ is computed in double and rounded
// once; sums are added in runs as in conv2d_tiles.h, and are as exact: docs/f32.md. An output is NaN where the sum is,
// and may be NaN where the sum is infinite. Bits depend on the shapes alone, and on whether the CPU has FMA.
#pragma once

#include "kernels/conv/conv2d.h"

namespace cuunet::winograd {

// Whether it is asked for, x and y are f32, the kernel is one of these, and the tiles are enough for its channels.
bool should_convolve(ConstView x, const Shape& w, ConstView y, const Conv2dParams&);

// Shapes and errors as in conv2d.h; x and y may be channel slices.
void conv2d_forward(Context&, ConstView x, ConstView w, ConstView bias, View y, const Conv2dParams&);

}  // namespace cuunet::winograd
