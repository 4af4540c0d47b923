// The weight gradient as a matrix product over pixels: row k is a channel of grad_y, column (tap, c) a channel of x at
// one tap, depth the pixels of grad_y. Both operands lie in memory with the depth outermost. Always written as f32
// partials [split][k][columns], which a second kernel adds in order.
// Per weight: 2 operations per pixel of grad_y. Traffic: grad_y once per 64 columns, x once per 128 channels k, both
// from the L2 cache; partials 8·splits bytes per weight. Bound: arithmetic; for small images the partials.
#pragma once

#include "kernels/conv/gather_gemm.cuh"

namespace cuunet::CUUNET_TARGET {

template <class T>
struct WeightGather {
  Rows<const T> x, grad_y;
  int height, width;   // of x
  int p_rows, q_rows;  // P, Q of grad_y
  int stride, padding;
  PaddingMode mode;
  bool x_aligned, grad_y_aligned;
  int taps_w;            // S
  int channels, padded;  // C, rounded up to 8
  int rows, columns;     // K, taps · padded
  int pixels, steps_per_split;
};

// What a thread copies: always the same 16-byte columns of A and of B, of several pixels.
template <class Gemm>
struct WeightLoader {
  using T = typename Gemm::T;
  static constexpr int a_chunks = Gemm::Tile::BM / Gemm::chunk, b_chunks = Gemm::Tile::BN / Gemm::chunk;
  static constexpr int a_rows = gemm_threads / a_chunks, b_rows = gemm_threads / b_chunks;

  const WeightGather<T>& g;
  int a_row, a_column, a_valid, b_row, b_column, b_valid;
  int k, c, dh, dw;  // A's first channel, B's first channel and its tap's place relative to p · stride, q · stride
  int pixel;         // first of the next stage

  __device__ WeightLoader(const WeightGather<T>& gather, int block_m, int block_n, int first_pixel)
      : g(gather), pixel(first_pixel) {
    int t = static_cast<int>(threadIdx.x);
    a_row = t / a_chunks;
    a_column = t % a_chunks * Gemm::chunk;
    b_row = t / b_chunks;
    b_column = t % b_chunks * Gemm::chunk;
    k = block_m + a_column;
    a_valid = g.rows - k;
    int column = block_n + b_column, tap = column / g.padded;
    c = column % g.padded;
    b_valid = column < g.columns ? g.channels - c : 0;
    dh = tap / g.taps_w - g.padding;
    dw = tap % g.taps_w - g.padding;
  }

  __device__ __forceinline__ void operator()(int, T* a, T* b) {
#pragma unroll
    for (int row = a_row; row < Gemm::depth; row += a_rows) {
      bool read = pixel + row < g.pixels && a_valid > 0;
      load_chunk(a + row * Gemm::pitch_a + a_column, g.grad_y.at(read ? pixel + row : 0, read ? k : 0),
                 read ? a_valid : 0, g.grad_y.data, g.grad_y_aligned);
    }
#pragma unroll
    for (int row = b_row; row < Gemm::depth; row += b_rows) {
      unsigned m = static_cast<unsigned>(pixel + row), width = static_cast<unsigned>(g.q_rows);
      unsigned height = static_cast<unsigned>(g.p_rows), n = m / width / height;
      int h = padded_index(static_cast<int>(m / width % height) * g.stride + dh, g.height, g.mode);
      int w = padded_index(static_cast<int>(m % width) * g.stride + dw, g.width, g.mode);
      bool read = pixel + row < g.pixels && b_valid > 0 && h >= 0 && w >= 0;
      int64_t at = read ? (int64_t{n} * g.height + h) * g.width + w : 0;
      load_chunk(b + row * Gemm::pitch_b + b_column, g.x.at(at, read ? c : 0), read ? b_valid : 0, g.x.data,
                 g.x_aligned);
    }
    pixel += Gemm::depth;
  }
};

template <class Math, class Tile>
__global__ void __launch_bounds__(gemm_threads)
    weight_gemm_kernel(WeightGather<typename Math::Storage> g, float* partials) {
  using Gemm = GemmTile<Math, Tile, Depth::outer>;
  int block_m = static_cast<int>(blockIdx.x) * Tile::BM, block_n = static_cast<int>(blockIdx.y) * Tile::BN;
  int steps = (g.pixels + Gemm::depth - 1) / Gemm::depth, first_step = static_cast<int>(blockIdx.z) * g.steps_per_split;
  Gemm gemm;
  WeightLoader<Gemm> load(g, block_m, block_n, first_step * Gemm::depth);
  run_pipeline(gemm, min(g.steps_per_split, steps - first_step), load);
  float* out = partials + static_cast<int64_t>(blockIdx.z) * g.rows * g.columns;
  gemm.each_pair([&](int row, int column, float first, float second) {
    int k = block_m + row, n = block_n + column;
    if (k >= g.rows || n >= g.columns) return;  // columns is even
    float2* pair = reinterpret_cast<float2*>(out + int64_t{k} * g.columns + n);
    *pair = make_float2(first, second);
  });
}

// grad_w[k][tap][c] = Σ_splits partials[split][k][tap][c], in order; pad lanes are zero.
template <class T>
__global__ void __launch_bounds__(256)
    sum_weight_partials_kernel(const float* partials, int splits, int64_t per_split, int padded, unsigned count,
                               Rows<T> grad_w, int channels, int lanes) {
  unsigned index = blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= count) return;
  int c = static_cast<int>(index % static_cast<unsigned>(padded));
  if (c >= lanes) return;
  float sum = 0;
  for (int split = 0; split < splits; ++split) sum += partials[split * per_split + index];
  *grad_w.at(index / static_cast<unsigned>(padded), c) = from_float<T>(c < channels ? sum : 0.0f);
}

}  // namespace cuunet::CUUNET_TARGET
