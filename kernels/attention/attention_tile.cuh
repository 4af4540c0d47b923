// Attention in tiles of 64 × 64 pixels, each computed where it is needed and never stored: a product of two maps gives
// the logits s[r][c] of row pixels r and column pixels c, exponentials turn them into weights, a second product takes
// the weights to the result. Every sum runs over the column pixels in order, within one block.
// Per pair of pixels: 2·D operations for a logit, D channels, 2·C for its share of a result, one exponential per tile
// of 128 channels. Traffic: both maps once per 64 pixels, from the L2 cache. Bound: arithmetic.
#pragma once

#include "kernels/device/gemm_operand.cuh"
#include "kernels/device/pixels.h"

namespace cuunet::CUUNET_TARGET {

constexpr int attention_block = 64;  // pixels of a tile, both ways

// Four warps with 16 rows each and all columns: a row's numbers lie in the four lanes of a quad.
template <class Math>
using PixelTile = GemmTile<Math, Tile<attention_block, attention_block, 4, 1>, Depth::inner>;
template <class Math>
using ResultTile = GemmTile<Math, Tile<attention_block, 128, 4, 1>, Depth::inner, Depth::outer>;

// Two maps [N · pixels][channels] whose pixels meet: p[r][c] = Σ_channel rows[r] · columns[c].
template <class T>
struct PixelPair {
  GemmOperand<T> rows, columns;  // of the first image
};

template <class T>
__device__ __forceinline__ GemmOperand<T> image_of(GemmOperand<T> maps, unsigned n) {
  maps.data += int64_t{n} * maps.rows * maps.pitch;
  return maps;
}

template <class Pixels>
__device__ __forceinline__ void multiply_pixels(Pixels& tile, const PixelPair<typename Pixels::T>& pair, unsigned n,
                                                int first_row, int first_column) {
  tile.clear();
  OperandLoaders<Pixels> load(image_of(pair.rows, n), image_of(pair.columns, n), first_row, first_column, 0);
  run_pipeline(tile, (pair.rows.columns + Pixels::depth - 1) / Pixels::depth, load);
}

// The row and the first column of the pair that a thread holds in sum[0][j][2 · half] and the next, within the tile.
template <class Pixels>
__device__ __forceinline__ int row_of(const Pixels& tile, int half) {
  return tile.warp_m + 8 * half + tile.lane / 4;
}
template <class Pixels>
__device__ __forceinline__ int column_of(const Pixels& tile, int j) {
  return 8 * j + tile.lane % 4 * 2;
}

// What the softmax over i needs for each pixel j: attention[i,j] = exp(logit - largest[j]) · scale[j].
struct SoftmaxLines {
  float *largest, *scale;  // [N · pixels]
  double* mean;            // t[j] = Σ_i attention[i,j] · T[i,j]; only for gradients
};

// Row pixels are j, column pixels i: largest and 1 / Σ exp. One block per 64 rows.
template <class Math>
__global__ void __launch_bounds__(gemm_threads, 4)
    attention_lines_kernel(PixelPair<typename Math::Storage> logits, SoftmaxLines out) {
  using Pixels = PixelTile<Math>;
  int first_row = static_cast<int>(blockIdx.x) * attention_block, pixels = logits.rows.rows;
  Pixels tile;
  float largest[2] = {-INFINITY, -INFINITY}, sum[2] = {};
  for (int first = 0; first < pixels; first += attention_block) {
    if (first > 0) __syncthreads();  // the stages are free again
    multiply_pixels(tile, logits, blockIdx.y, first_row, first);
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      float above = largest[half], more = 0;
      auto each = [&](const auto& visit) {
#pragma unroll
        for (int j = 0; j < Pixels::J; ++j) {
#pragma unroll
          for (int e = 0; e < 2; ++e) {
            if (first + column_of(tile, j) + e < pixels) visit(tile.sum[0][j][2 * half + e]);
          }
        }
      };
      each([&](float logit) { above = fmaxf(above, logit); });
      each([&](float logit) { more += expf(logit - above); });
      if (above > -INFINITY) sum[half] = sum[half] * expf(largest[half] - above) + more;
      largest[half] = above;
    }
  }
#pragma unroll
  for (int half = 0; half < 2; ++half) {
#pragma unroll
    for (int lanes = 1; lanes < 4; lanes *= 2) {
      float other = __shfl_xor_sync(all_lanes, largest[half], lanes);
      float other_sum = __shfl_xor_sync(all_lanes, sum[half], lanes);
      float above = fmaxf(largest[half], other);
      float mine = largest[half] < above ? sum[half] * expf(largest[half] - above) : sum[half];
      sum[half] = mine + (other < above ? other_sum * expf(other - above) : other_sum);
      largest[half] = above;
    }
    int row = first_row + row_of(tile, half);
    if (tile.lane % 4 != 0 || row >= pixels) continue;
    out.largest[static_cast<int>(blockIdx.y) * pixels + row] = largest[half];
    out.scale[static_cast<int>(blockIdx.y) * pixels + row] = 1.0f / sum[half];
  }
}

// Row pixels are j, column pixels i: t[j] = Σ_i attention[i,j] · T[i,j], in double over tiles.
template <class Math>
__global__ void __launch_bounds__(gemm_threads, 3)
    attention_mean_kernel(PixelPair<typename Math::Storage> logits, PixelPair<typename Math::Storage> upstream,
                          SoftmaxLines lines) {
  using Pixels = PixelTile<Math>;
  int first_row = static_cast<int>(blockIdx.x) * attention_block, pixels = logits.rows.rows;
  int64_t image = int64_t{blockIdx.y} * pixels;
  Pixels tile, other;
  double mean[2] = {};
  float largest[2], scale[2];
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    int64_t j = image + min(first_row + row_of(tile, half), pixels - 1);
    largest[half] = lines.largest[j], scale[half] = lines.scale[j];
  }
  for (int first = 0; first < pixels; first += attention_block) {
    if (first > 0) __syncthreads();
    multiply_pixels(tile, logits, blockIdx.y, first_row, first);
    __syncthreads();
    multiply_pixels(other, upstream, blockIdx.y, first_row, first);
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      float sum = 0;
#pragma unroll
      for (int j = 0; j < Pixels::J; ++j) {
#pragma unroll
        for (int e = 0; e < 2; ++e) {
          if (first + column_of(tile, j) + e >= pixels) continue;
          float attention = expf(tile.sum[0][j][2 * half + e] - largest[half]) * scale[half];
          sum += attention * other.sum[0][j][2 * half + e];
        }
      }
      mean[half] += static_cast<double>(sum);
    }
  }
#pragma unroll
  for (int half = 0; half < 2; ++half) {
#pragma unroll
    for (int lanes = 1; lanes < 4; lanes *= 2) mean[half] += __shfl_xor_sync(all_lanes, mean[half], lanes);
    int row = first_row + row_of(tile, half);
    if (tile.lane % 4 == 0 && row < pixels) lines.mean[image + row] = mean[half];
  }
}

enum class LinesAlong { rows, columns };  // whether row or column pixels are j

template <class T>
struct AttentionResult {
  Rows<T> y;
  int channels, lanes;
  const float* gamma;
  Rows<const T> added;  // may be null
};

// y[r] = gamma · Σ_c weight[r][c] · values[c] + added[r], weight the attention, or centred: attention · (T - t).
// One block per 64 row pixels and 128 channels.
template <class Math, LinesAlong along, bool centred>
__global__ void __launch_bounds__(gemm_threads, 2)
    attention_product_kernel(PixelPair<typename Math::Storage> logits, PixelPair<typename Math::Storage> upstream,
                             GemmOperand<typename Math::Storage> values, SoftmaxLines lines,
                             AttentionResult<typename Math::Storage> out) {
  using T = typename Math::Storage;
  using Pixels = PixelTile<Math>;
  using Result = ResultTile<Math>;
  constexpr int steps = attention_block / Result::depth;
  T* stages = dynamic_shared<T>() + gemm_stages * Pixels::stage_elements;
  int first_row = static_cast<int>(blockIdx.x) * attention_block, pixels = logits.rows.rows;
  int first_channel = static_cast<int>(blockIdx.y) * Result::Tile::BN;
  int64_t image = int64_t{blockIdx.z} * pixels;
  Pixels tile, other;
  Result sums;
  LoaderOfB<Result> load_values(image_of(values, blockIdx.z), first_channel, 0);
  for (int first = 0; first < pixels; first += attention_block) {
#pragma unroll
    for (int step = 0; step < steps; ++step) load_values(stages + step * Result::stage_elements + Result::a_elements);
    multiply_pixels(tile, logits, blockIdx.z, first_row, first);
    if constexpr (centred) {
      __syncthreads();
      multiply_pixels(other, upstream, blockIdx.z, first_row, first);
    }
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      int row = row_of(tile, half);
#pragma unroll
      for (int j = 0; j < Pixels::J; ++j) {
        int column = column_of(tile, j);
        T* to =
            stages + column / Result::depth * Result::stage_elements + row * Result::pitch_a + column % Result::depth;
#pragma unroll
        for (int e = 0; e < 2; ++e) {
          int c = first + column + e;
          int64_t line = image + min(along == LinesAlong::rows ? first_row + row : c, pixels - 1);
          float weight = expf(tile.sum[0][j][2 * half + e] - lines.largest[line]) * lines.scale[line];
          if constexpr (centred) weight *= other.sum[0][j][2 * half + e] - static_cast<float>(lines.mean[line]);
          to[e] = from_float<T>(c < pixels ? weight : 0.0f);
        }
      }
    }
    __syncthreads();
#pragma unroll
    for (int step = 0; step < steps; ++step) {
      T* weights = stages + step * Result::stage_elements;
      sums.multiply(weights, weights + Result::a_elements);
    }
    __syncthreads();
  }
  float gamma = *out.gamma;
  sums.each_pair([&](int row, int column, float first, float second) {
    int r = first_row + row, n = first_channel + column;
    if (r >= pixels) return;
    float values_here[2] = {first, second};
#pragma unroll
    for (int e = 0; e < 2; ++e) {
      if (n + e >= out.lanes) continue;
      bool inside = n + e < out.channels;
      float value = inside ? gamma * values_here[e] : 0.0f;
      if (inside && out.added.data != nullptr) value += to_float(*out.added.at(image + r, n + e));
      *out.y.at(image + r, n + e) = from_float<T>(value);
    }
  });
}

template <class Math>
constexpr size_t attention_product_bytes = PixelTile<Math>::shared_bytes +
                                           size_t{attention_block / ResultTile<Math>::depth} *
                                               ResultTile<Math>::stage_elements * sizeof(typename Math::Storage);

}  // namespace cuunet::CUUNET_TARGET
