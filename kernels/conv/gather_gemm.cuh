// Convolution as a matrix product whose A is read from the image where it lies: row m is a pixel of the result, depth
// (tap, channel), column n a channel of the result. The forward pass gathers x; the input gradient gathers grad_y.
// Per element of the result: 2·depth operations. Traffic: the image once per tap and 64 columns, mostly from the L2
// cache, the weights once per 128 rows; partials 8·splits bytes. Bound: arithmetic from 64 channels on, memory below.
#pragma once

#include "kernels/device/gemm_tile.cuh"
#include "kernels/device/padding.h"
#include "kernels/device/pixels.h"

namespace cuunet::CUUNET_TARGET {

// One dimension: result row a reads image position a · step + origin + direction · tap, taps 0 … taps-1, and is pixel
// a · stride + offset of the whole result.
struct Axis {
  int size, rows, taps;
  int step, origin, direction;
  int result_size, stride, offset;
  int weight_stride;  // elements from one tap's weights to the next
};

template <class T>
struct Gather {
  Rows<const T> image;  // [N · h.size · w.size][channels]
  Axis h, w;
  int channels, padded;  // depth per tap: channels rounded up to 8
  PaddingMode mode;
  bool aligned;      // whether the image's pixels start at 16 bytes
  const T* weights;  // [columns][weight_pitch], aligned, zero between channels and padded
  int64_t weight_pitch;
  int rows, columns;  // of the product: N · h.rows · w.rows, and the result's channels
};

// Where sums go: to the result, or, when the depth is split or folded later, as f32 partials [split][pixel][pitch].
template <class T>
struct GemmOutput {
  Rows<T> y;
  int lanes;
  const float* bias;  // may be null
  bool relu;
  float* partials;  // null: straight to y
  int64_t partials_per_split;
  int pitch;
};

// What a thread copies: always the same 16-byte column of a stage, rows threadIdx / 4 + 32 i.
template <class Gemm>
struct GatherLoader {
  using T = typename Gemm::T;
  static constexpr int rows_per_pass = gemm_threads / 4;
  static constexpr int a_passes = (Gemm::Tile::BM + rows_per_pass - 1) / rows_per_pass;
  static constexpr int b_passes = (Gemm::Tile::BN + rows_per_pass - 1) / rows_per_pass;

  const Gather<T>& g;
  int row, column;                                    // of the stage
  int line[a_passes], top[a_passes], left[a_passes];  // n · H or -1, first image row, first image column
  int first_n;
  int channel, tap_h, tap_w;  // of this thread's chunk in the next stage

  __device__ GatherLoader(const Gather<T>& gather, int block_m, int block_n, int first_step) : g(gather) {
    row = static_cast<int>(threadIdx.x) / 4;
    column = static_cast<int>(threadIdx.x) % 4 * Gemm::chunk;
    first_n = block_n + row;
    unsigned width = static_cast<unsigned>(g.w.rows), height = static_cast<unsigned>(g.h.rows);
#pragma unroll
    for (int i = 0; i < a_passes; ++i) {
      unsigned m = static_cast<unsigned>(block_m + row + i * rows_per_pass), n = m / width / height;
      bool inside = m < static_cast<unsigned>(g.rows) && row + i * rows_per_pass < Gemm::Tile::BM;
      line[i] = inside ? static_cast<int>(n) * g.h.size : -1;
      top[i] = static_cast<int>(m / width % height) * g.h.step + g.h.origin;
      left[i] = static_cast<int>(m % width) * g.w.step + g.w.origin;
    }
    int k = first_step * Gemm::depth + column, tap = k / g.padded;
    channel = k % g.padded;
    tap_h = tap / max(g.w.taps, 1);
    tap_w = tap % max(g.w.taps, 1);
  }

  __device__ __forceinline__ void operator()(int, T* a, T* b) {
    bool inside = tap_h < g.h.taps;
    int valid = inside ? g.channels - channel : 0;
#pragma unroll
    for (int i = 0; i < a_passes; ++i) {
      int h = padded_index(top[i] + g.h.direction * tap_h, g.h.size, g.mode);
      int w = padded_index(left[i] + g.w.direction * tap_w, g.w.size, g.mode);
      bool read = line[i] >= 0 && h >= 0 && w >= 0;
      if (row + i * rows_per_pass < Gemm::Tile::BM) {
        load_chunk(a + (row + i * rows_per_pass) * Gemm::pitch_a + column,
                   g.image.at(read ? (int64_t{line[i]} + h) * g.w.size + w : 0, inside ? channel : 0), read ? valid : 0,
                   g.image.data, g.aligned);
      }
    }
    const T* weights = g.weights + tap_h * g.h.weight_stride + tap_w * g.w.weight_stride + channel;
#pragma unroll
    for (int i = 0; i < b_passes; ++i) {
      int n = first_n + i * rows_per_pass;
      bool read = inside && n < g.columns;
      load_chunk(b + (row + i * rows_per_pass) * Gemm::pitch_b + column,
                 read ? weights + n * g.weight_pitch : g.weights, read ? Gemm::chunk : 0, g.weights, true);
    }
    advance();
  }

  __device__ __forceinline__ void advance() {
    channel += Gemm::depth;
    while (channel >= g.padded) {
      channel -= g.padded;
      if (++tap_w >= g.w.taps) tap_w = 0, ++tap_h;
    }
  }
};

// The result's pixel of row m of the product.
template <class T>
__device__ __forceinline__ int64_t result_pixel(const Gather<T>& g, int m) {
  unsigned row = static_cast<unsigned>(m), width = static_cast<unsigned>(g.w.rows),
           height = static_cast<unsigned>(g.h.rows);
  int64_t n = row / width / height;
  int a = static_cast<int>(row / width % height) * g.h.stride + g.h.offset;
  int b = static_cast<int>(row % width) * g.w.stride + g.w.offset;
  return (n * g.h.result_size + a) * g.w.result_size + b;
}

template <class T>
__device__ __forceinline__ float finished(const GemmOutput<T>& out, float sum, int n, int columns) {
  if (n >= columns) return 0.0f;
  float value = sum + (out.bias != nullptr ? out.bias[n] : 0.0f);
  return out.relu && value < 0 ? 0.0f : value;
}

template <class Math, class Tile>
__global__ void __launch_bounds__(gemm_threads)
    gather_gemm_kernel(Gather<typename Math::Storage> g, GemmOutput<typename Math::Storage> out, int steps_per_split) {
  using Gemm = GemmTile<Math, Tile, Depth::inner>;
  int block_m = static_cast<int>(blockIdx.x) * Tile::BM, block_n = static_cast<int>(blockIdx.y) * Tile::BN;
  int depth = g.h.taps * g.w.taps * g.padded, steps = (depth + Gemm::depth - 1) / Gemm::depth;
  int first_step = static_cast<int>(blockIdx.z) * steps_per_split;
  Gemm gemm;
  GatherLoader<Gemm> load(g, block_m, block_n, first_step);
  run_pipeline(gemm, min(steps_per_split, steps - first_step), load);
  gemm.each_pair([&](int row, int column, float first, float second) {
    int m = block_m + row, n = block_n + column;
    if (m >= g.rows) return;
    int64_t pixel = result_pixel(g, m);
    float values[2] = {first, second};
#pragma unroll
    for (int e = 0; e < 2; ++e) {
      if (n + e >= out.lanes) continue;
      if (out.partials != nullptr) {
        out.partials[static_cast<int>(blockIdx.z) * out.partials_per_split + pixel * out.pitch + n + e] = values[e];
      } else {
        *out.y.at(pixel, n + e) = from_float<typename Math::Storage>(finished(out, values[e], n + e, g.columns));
      }
    }
  });
}

// y[pixel] = Σ_splits Σ_cells partials, the cells being those of the padded result that copy the pixel; then bias and
// ReLU. Without padding there is one cell.
struct Fold {
  int height, width, padding;  // of y, and by how much the partials' image is larger on each side
  PaddingMode mode;
  unsigned count;  // pixels · lanes of y
  int columns, splits;
};

// The positions that may copy `position`: those before the image, itself, those behind the image.
__device__ __forceinline__ int candidate(int i, int position, int size, int padding) {
  return i < padding ? i - padding : i == padding ? position : size + i - padding - 1;
}

template <class T>
__global__ void __launch_bounds__(256) finish_kernel(Fold fold, GemmOutput<T> out) {
  unsigned index = blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= fold.count) return;
  unsigned lanes = static_cast<unsigned>(out.lanes), pixel = index / lanes;
  int n = static_cast<int>(index % lanes), p = fold.padding;
  int w = static_cast<int>(pixel % static_cast<unsigned>(fold.width));
  int h = static_cast<int>(pixel / static_cast<unsigned>(fold.width) % static_cast<unsigned>(fold.height));
  int64_t image = pixel / static_cast<unsigned>(fold.width) / static_cast<unsigned>(fold.height);
  float sum = 0;
  for (int a = 0; a <= 2 * p; ++a) {
    int i = candidate(a, h, fold.height, p);
    if (a != p && padded_index(i, fold.height, fold.mode) != h) continue;
    for (int b = 0; b <= 2 * p; ++b) {
      int j = candidate(b, w, fold.width, p);
      if (b != p && padded_index(j, fold.width, fold.mode) != w) continue;
      int64_t cell = (image * (fold.height + 2 * p) + i + p) * (fold.width + 2 * p) + j + p;
      for (int split = 0; split < fold.splits; ++split) {
        sum += out.partials[split * out.partials_per_split + cell * out.pitch + n];
      }
    }
  }
  *out.y.at(pixel, n) = from_float<T>(finished(out, sum, n, fold.columns));
}

}  // namespace cuunet::CUUNET_TARGET
