// sums[c] = Σ_pixels x[pixel][c] in f32: partials per block of rows, added in a fixed order.
#pragma once

#include "kernels/reduce/channel_tiles.cuh"

namespace cuunet::CUUNET_TARGET {

template <int pack>
struct ChannelSumShared {
  float sum[tile_threads][pack];
};

template <class T, int pack>
__global__ void __launch_bounds__(tile_threads)
    channel_sum_kernel(ChannelTiles tiles, Rows<const T> x, float* partials) {
  auto& shared = block_shared<ChannelSumShared<pack>>();
  int first = tiles.column() * pack;
  float sum[pack] = {}, values[pack];
  for (int row = tiles.first_row(); row < tiles.last_row(); row += tiles.row_lanes) {
    load_channels<pack>(x.at(row, 0), first, tiles.channels, values);
#pragma unroll
    for (int e = 0; e < pack; ++e) sum[e] += values[e];
  }
#pragma unroll
  for (int e = 0; e < pack; ++e) shared.sum[threadIdx.x][e] = sum[e];
  __syncthreads();
  for (int i = static_cast<int>(threadIdx.x); i < tiles.columns * pack; i += tile_threads) {
    int column = i / pack, c = (static_cast<int>(blockIdx.y) * tiles.columns + column) * pack + i % pack;
    if (c >= tiles.channels) continue;
    float all = 0;
    for (int slot = column; slot < tile_threads; slot += tiles.columns) all += shared.sum[slot][i % pack];
    partials[static_cast<int64_t>(blockIdx.x) * tiles.channels + c] = all;
  }
}

struct MergeSumsShared {
  double sum[merge_lanes][merge_channels];
};

template <class Accumulator>
__global__ void __launch_bounds__(merge_channels* merge_lanes)
    merge_channel_sums_kernel(const float* partials, int row_blocks, int channels, float* sums) {
  auto& shared = block_shared<MergeSumsShared>();
  int lane = static_cast<int>(threadIdx.x) / merge_channels, column = static_cast<int>(threadIdx.x) % merge_channels;
  int c = static_cast<int>(blockIdx.x) * merge_channels + column;
  Accumulator all = 0;
  for (int b = lane; b < row_blocks && c < channels; b += merge_lanes) all += partials[int64_t{b} * channels + c];
  shared.sum[lane][column] = all;
  __syncthreads();
  if (lane > 0 || c >= channels) return;
  for (int l = 1; l < merge_lanes; ++l) all += shared.sum[l][column];
  sums[c] = static_cast<float>(all);
}

inline void sum_per_channel(Context& context, ConstView x, View sums) {
  visit_storage("channel sum", x.dtype, [&]<class T>(T) {
    auto run = [&]<int pack>(std::integral_constant<int, pack>) {
      ChannelLaunch plan = channel_launch(x.rows(), x.c(), x.c(), pack);
      Workspace partials(context, static_cast<size_t>(plan.row_blocks * x.c()) * sizeof(float));
      launch<channel_sum_kernel<T, pack>>({plan.grid, tile_threads, 0, stream_of(context)}, plan.tiles, rows_of<T>(x),
                                          partials.as<float>());
      launch<merge_channel_sums_kernel<double>>(
          {merge_blocks(x.c()), merge_channels * merge_lanes, 0, stream_of(context)}, partials.as<float>(),
          plan.row_blocks, static_cast<int>(x.c()), sums.as<float>());
    };
    if (packs(x))
      run(std::integral_constant<int, pack_size<T>>{});
    else
      run(std::integral_constant<int, 1>{});
  });
}

}  // namespace cuunet::CUUNET_TARGET
