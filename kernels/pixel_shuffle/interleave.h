// Moves between the r² neighbouring channels of one coarse pixel and one channel of r² fine pixels, on the CPU.
#pragma once

#include "kernels/device/dtype.h"

namespace cuunet {

// Between r² neighbouring channels of one coarse pixel and one channel of r² fine pixels.
template <class T>
inline void spread(const T* __restrict coarse, int64_t channels, int64_t square, int64_t part, T* __restrict fine) {
  for (int64_t c = 0; c < channels; ++c) fine[c] = coarse[c * square + part];
}
template <class T>
inline void gather(T* __restrict coarse, int64_t channels, int64_t square, int64_t part, const T* __restrict fine) {
  for (int64_t c = 0; c < channels; ++c) coarse[c * square + part] = fine[c];
}
// r = 2: each coarse pixel is read once, for both of its fine rows.
template <class T>
inline void spread4(const T* __restrict coarse, int64_t channels, T* __restrict f0, T* __restrict f1, T* __restrict f2,
                    T* __restrict f3) {
  for (int64_t c = 0; c < channels; ++c) {
    f0[c] = coarse[4 * c];
    f1[c] = coarse[4 * c + 1];
    f2[c] = coarse[4 * c + 2];
    f3[c] = coarse[4 * c + 3];
  }
}
template <class T>
inline void gather4(T* __restrict coarse, int64_t channels, const T* __restrict f0, const T* __restrict f1,
                    const T* __restrict f2, const T* __restrict f3) {
  for (int64_t c = 0; c < channels; ++c) {
    coarse[4 * c] = f0[c];
    coarse[4 * c + 1] = f1[c];
    coarse[4 * c + 2] = f2[c];
    coarse[4 * c + 3] = f3[c];
  }
}

}  // namespace cuunet
