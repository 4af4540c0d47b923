// Weights in the order that the products read: f32 parameters, or their copies in the storage type of the images.
// Per weight: 8 bytes (to bf16: 6), no arithmetic. Bound: memory bandwidth, and for small weights the time of a launch.
#pragma once

#include "kernels/device/pixels.h"

namespace cuunet::CUUNET_TARGET {

// packed[k][tap][c] = w[k, c, tap], zero from C to `padded`.
template <class W, class T>
__global__ void __launch_bounds__(256)
    pack_weights_kernel(Rows<const W> w, int channels, int padded, unsigned count, T* packed) {
  unsigned index = blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= count) return;
  int c = static_cast<int>(index % static_cast<unsigned>(padded));
  packed[index] = from_float<T>(c < channels ? to_float(*w.at(index / static_cast<unsigned>(padded), c)) : 0.0f);
}

struct TransposeShared {
  float values[32][33];
};

// packed[c][tap][k] = w[k, c, tap], zero from K to `padded`. One block of 32 × 8 threads per 32 × 32 of one tap.
template <class W, class T>
__global__ void __launch_bounds__(256)
    pack_transposed_weights_kernel(Rows<const W> w, int outputs, int channels, int taps, int padded, T* packed) {
  auto& shared = block_shared<TransposeShared>();
  int x = static_cast<int>(threadIdx.x), tap = static_cast<int>(blockIdx.z);
  int first_c = static_cast<int>(blockIdx.x) * 32, first_k = static_cast<int>(blockIdx.y) * 32;
  for (int i = static_cast<int>(threadIdx.y); i < 32; i += 8) {
    int k = first_k + i, c = first_c + x;
    shared.values[i][x] = k < outputs && c < channels ? to_float(*w.at(int64_t{k} * taps + tap, c)) : 0.0f;
  }
  __syncthreads();
  for (int i = static_cast<int>(threadIdx.y); i < 32; i += 8) {
    int c = first_c + i, k = first_k + x;
    if (c < channels && k < padded) packed[(int64_t{c} * taps + tap) * padded + k] = from_float<T>(shared.values[x][i]);
  }
}

// Host side: the two orders, written to memory of padded size.
template <class T>
const T* pack_weights(Context& context, ConstView w, T* packed) {
  int64_t padded = padded_channels(w.c());
  unsigned count = count_32(w.rows() * padded);
  visit_storage("conv2d weight", w.dtype, [&]<class W>(W) {
    launch<pack_weights_kernel<W, T>>({block_count(count, 256), 256, 0, stream_of(context)}, rows_of<W>(w),
                                      static_cast<int>(w.c()), static_cast<int>(padded), count, packed);
  });
  return packed;
}

template <class T>
const T* pack_transposed_weights(Context& context, ConstView w, T* packed) {
  int64_t padded = padded_channels(w.n()), taps = w.h() * w.w();
  dim3 grid(block_count(w.c(), 32), block_count(padded, 32), count_32(taps));
  visit_storage("conv2d weight", w.dtype, [&]<class W>(W) {
    launch<pack_transposed_weights_kernel<W, T>>({grid, dim3(32, 8), 0, stream_of(context)}, rows_of<W>(w),
                                                 static_cast<int>(w.n()), static_cast<int>(w.c()),
                                                 static_cast<int>(taps), static_cast<int>(padded), packed);
  });
  return packed;
}

}  // namespace cuunet::CUUNET_TARGET
