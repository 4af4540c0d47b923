// A convolution as a library is told of it: dense NHWC images and [K, R, S, C] weights, both channel counts rounded up
// to 8 and given as the logical ones. The extra channels are zero, so the numbers are the same; every pixel starts
// aligned and there is no stride that a library might not know.
#pragma once

#include "kernels/conv/conv2d.h"

#include <array>
#include <compare>

namespace cuunet {

struct DenseProblem {
  DType dtype = DType::f32;
  bool tf32 = false;
  int n = 0, c = 0, h = 0, w = 0;  // the image; c rounded up
  int k = 0, r = 0, s = 0;         // the weights; k rounded up
  int p = 0, q = 0;                // the result
  int stride = 1, padding = 0;     // zeros on all sides

  auto operator<=>(const DenseProblem&) const = default;
  std::string text() const;  // "f32 [8, 64, 16, 16] by [64, 64, 3, 3] stride 1 padding 1"
};

// x, w, y fit each other (require_conv2d_shapes). A ShapeError where a tensor has 2^31 elements or more: the library
// counts in 32 bits.
DenseProblem dense_problem(const Shape& x, const Shape& w, const Shape& y, DType dtype, bool tf32, const Conv2dParams&);

// Elements from one image, channel, row, pixel to the next, in the order n, c, h, w.
std::array<int, 4> nhwc_strides(int channels, int height, int width);

}  // namespace cuunet
