// Where the CPU's own convolutions read.
#pragma once

#include "kernels/conv/conv2d.h"

namespace cuunet {

// rows[r·S + s] = the channels of x that output pixel (n, p, q) reads at tap (r, s), or `zero` outside the image.
// Returns the end of what it wrote.
template <class T>
inline const T** find_tap_rows(ConstView x, int64_t n, int64_t p, int64_t q, int64_t R, int64_t S,
                               const Conv2dParams& params, const T* zero, const T** rows) {
  for (int64_t r = 0; r < R; ++r) {
    int64_t h = padded_index(p * params.stride + r - params.padding, x.h(), params.padding_mode);
    for (int64_t s = 0; s < S; ++s) {
      int64_t w = padded_index(q * params.stride + s - params.padding, x.w(), params.padding_mode);
      *rows++ = h < 0 || w < 0 ? zero : x.as<T>() + x.offset(n, 0, h, w);
    }
  }
  return rows;
}

}  // namespace cuunet
