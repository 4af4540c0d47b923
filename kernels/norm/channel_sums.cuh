// Sums per channel over rows of pixels, in two kernels: partials per row block, then their merge in a fixed order.
// Per element: 4 bytes (bf16: 2) for moments, 8 for products; five operations. Bound: memory bandwidth; the merge, of
// at most some hundred rows of partials, the time of a launch.
#pragma once

#include "kernels/reduce/channel_tiles.cuh"

namespace cuunet::CUUNET_TARGET {

// Two numbers per sample, row block and channel.
struct Partials {
  float *first, *second;  // [samples][row_blocks][channels]
  int row_blocks, channels;

  static size_t bytes(const ChannelLaunch& plan, int64_t channels) {
    return static_cast<size_t>(plan.samples * plan.row_blocks * channels) * 2 * sizeof(float);
  }
  Partials(float* memory, const ChannelLaunch& plan, int64_t channels_)
      : first(memory),
        second(memory + plan.samples * plan.row_blocks * channels_),
        row_blocks(plan.row_blocks),
        channels(static_cast<int>(channels_)) {}
  __device__ __forceinline__ int64_t at(unsigned sample, int row_block, int c) const {
    return (int64_t{sample} * row_blocks + row_block) * channels + c;
  }
};

// Mean and Σ(x - mean)² of `count` values.
struct Moments {
  double count, mean, squares;
};

__device__ inline Moments merged(const Moments& a, const Moments& b) {
  double count = a.count + b.count;
  if (count == 0) return a;
  double delta = b.mean - a.mean, share = b.count / count;
  return {count, a.mean + delta * share, a.squares + b.squares + delta * delta * a.count * share};
}

// What each thread of a block found, per channel of its pack.
template <int pack>
struct TileShared {
  float first[tile_threads][pack];
  float second[tile_threads][pack];
};

template <class T, int pack>
__global__ void __launch_bounds__(tile_threads) moments_kernel(ChannelTiles tiles, Rows<const T> x, Partials out) {
  auto& shared = block_shared<TileShared<pack>>();
  int first = tiles.column() * pack;
  float mean[pack] = {}, squares[pack] = {}, values[pack];
  float count = 0;
  for (int row = tiles.first_row(); row < tiles.last_row(); row += tiles.row_lanes) {
    load_channels<pack>(x.at(row, 0), first, tiles.channels, values);
    count += 1;
    float share = 1.0f / count;
#pragma unroll
    for (int e = 0; e < pack; ++e) {
      float delta = values[e] - mean[e];
      mean[e] += delta * share;
      squares[e] += delta * (values[e] - mean[e]);
    }
  }
#pragma unroll
  for (int e = 0; e < pack; ++e) {
    shared.first[threadIdx.x][e] = mean[e];
    shared.second[threadIdx.x][e] = squares[e];
  }
  __syncthreads();
  for (int i = static_cast<int>(threadIdx.x); i < tiles.columns * pack; i += tile_threads) {
    int column = i / pack, e = i % pack, c = (static_cast<int>(blockIdx.y) * tiles.columns + column) * pack + e;
    if (c >= tiles.channels) continue;
    Moments all{0, 0, 0};
    for (int lane = 0; lane < tiles.row_lanes; ++lane) {
      int slot = lane * tiles.columns + column;
      all = merged(all, {static_cast<double>(tiles.rows_of_lane(lane)), shared.first[slot][e], shared.second[slot][e]});
    }
    int64_t at = out.at(blockIdx.z, static_cast<int>(blockIdx.x), c);
    out.first[at] = static_cast<float>(all.mean);
    out.second[at] = static_cast<float>(all.squares);
  }
}

// Where an upstream gradient counts: everywhere, or where the normalised value passed the ReLU after it.
struct Everywhere {
  template <int pack>
  struct Gate {
    __device__ __forceinline__ Gate(const Everywhere&, int, int) {}
    __device__ __forceinline__ bool passes(int, float) const { return true; }
  };
};
struct WherePositive {
  const float *inv_std, *weight, *bias;  // weight and bias may be null: 1, 0

  template <int pack>
  struct Gate {
    float scale[pack], shift[pack];
    __device__ __forceinline__ Gate(const WherePositive& p, int first, int channels) {
#pragma unroll
      for (int e = 0; e < pack; ++e) {
        int c = min(first + e, channels - 1);
        scale[e] = p.inv_std[c] * (p.weight != nullptr ? p.weight[c] : 1.0f);
        shift[e] = p.bias != nullptr ? p.bias[c] : 0.0f;
      }
    }
    __device__ __forceinline__ bool passes(int e, float centred) const { return centred * scale[e] + shift[e] > 0; }
  };
};

// Σ g and Σ g·(x - mean) over the elements that count.
template <class T, int pack, class Counts>
__global__ void __launch_bounds__(tile_threads)
    product_sums_kernel(ChannelTiles tiles, Rows<const T> g, Rows<const T> x, const float* mean, Counts counts,
                        Partials out) {
  auto& shared = block_shared<TileShared<pack>>();
  int first = tiles.column() * pack;
  float centre[pack], plain[pack] = {}, centred[pack] = {};
#pragma unroll
  for (int e = 0; e < pack; ++e) centre[e] = mean[tiles.sample() * tiles.channels + min(first + e, tiles.channels - 1)];
  typename Counts::template Gate<pack> gate(counts, first, tiles.channels);
  for (int row = tiles.first_row(); row < tiles.last_row(); row += tiles.row_lanes) {
    float upstream[pack], values[pack];
    load_channels<pack>(g.at(row, 0), first, tiles.channels, upstream);
    load_channels<pack>(x.at(row, 0), first, tiles.channels, values);
#pragma unroll
    for (int e = 0; e < pack; ++e) {
      float distance = values[e] - centre[e], counted = gate.passes(e, distance) ? upstream[e] : 0.0f;
      plain[e] += counted;
      centred[e] += counted * distance;
    }
  }
#pragma unroll
  for (int e = 0; e < pack; ++e) {
    shared.first[threadIdx.x][e] = plain[e];
    shared.second[threadIdx.x][e] = centred[e];
  }
  __syncthreads();
  for (int i = static_cast<int>(threadIdx.x); i < tiles.columns * pack; i += tile_threads) {
    int column = i / pack, e = i % pack, c = (static_cast<int>(blockIdx.y) * tiles.columns + column) * pack + e;
    if (c >= tiles.channels) continue;
    float sums[2] = {};
    for (int slot = column; slot < tile_threads; slot += tiles.columns) {
      sums[0] += shared.first[slot][e];
      sums[1] += shared.second[slot][e];
    }
    int64_t at = out.at(blockIdx.z, static_cast<int>(blockIdx.x), c);
    out.first[at] = sums[0];
    out.second[at] = sums[1];
  }
}

__device__ inline int merge_channel() {
  return static_cast<int>(blockIdx.x) * merge_channels + static_cast<int>(threadIdx.x) % merge_channels;
}

struct MergeShared {
  double value[3][merge_lanes][merge_channels];
};

// The moments of all row blocks; the first merge_channels threads of the block have the result.
__device__ inline Moments merge_moments(const Partials& partials, const ChannelTiles& tiles) {
  auto& shared = block_shared<MergeShared>();
  int lane = static_cast<int>(threadIdx.x) / merge_channels, column = static_cast<int>(threadIdx.x) % merge_channels;
  int c = merge_channel();
  Moments all{0, 0, 0};
  for (int b = lane; b < partials.row_blocks && c < partials.channels; b += merge_lanes) {
    double rows = tiles.rows_in_block(b);
    int64_t at = partials.at(blockIdx.y, b, c);
    all = merged(all, {rows, partials.first[at], partials.second[at]});
  }
  shared.value[0][lane][column] = all.count;
  shared.value[1][lane][column] = all.mean;
  shared.value[2][lane][column] = all.squares;
  __syncthreads();
  if (lane > 0) return all;
  for (int l = 1; l < merge_lanes; ++l) {
    all = merged(all, {shared.value[0][l][column], shared.value[1][l][column], shared.value[2][l][column]});
  }
  return all;
}

struct ProductSums {
  double plain, centred;
};

__device__ inline ProductSums merge_products(const Partials& partials) {
  auto& shared = block_shared<MergeShared>();
  int lane = static_cast<int>(threadIdx.x) / merge_channels, column = static_cast<int>(threadIdx.x) % merge_channels;
  int c = merge_channel();
  ProductSums all{0, 0};
  for (int b = lane; b < partials.row_blocks && c < partials.channels; b += merge_lanes) {
    int64_t at = partials.at(blockIdx.y, b, c);
    all.plain += partials.first[at];
    all.centred += partials.second[at];
  }
  shared.value[0][lane][column] = all.plain;
  shared.value[1][lane][column] = all.centred;
  __syncthreads();
  if (lane > 0) return all;
  for (int l = 1; l < merge_lanes; ++l) {
    all.plain += shared.value[0][l][column];
    all.centred += shared.value[1][l][column];
  }
  return all;
}

}  // namespace cuunet::CUUNET_TARGET
