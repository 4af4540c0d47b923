// The kernels of batch_norm and instance_norm around the sums of channel_sums.cuh: statistics from merged moments, and
// the passes that normalise and that make grad_x. A sample is a batch or an image; mean and inv_std are per sample and
// channel, weight and bias per channel.
// Per element: 8 bytes, backward 12 (bf16: half); three operations, backward five. Bound: memory bandwidth.
#pragma once

#include "kernels/norm/channel_sums.cuh"

namespace cuunet::CUUNET_TARGET {

struct Apply {
  const float *mean, *inv_std, *weight, *bias;  // weight and bias may be null: 1, 0
};

// y = (x - mean) · inv_std · weight + bias, or its ReLU
template <class T, int pack, bool relu>
__global__ void __launch_bounds__(tile_threads)
    normalise_kernel(ChannelTiles tiles, Rows<const T> x, Apply apply, Rows<T> y, int lanes) {
  int first = tiles.column() * pack;
  if (first >= lanes) return;
  float mean[pack], scale[pack], bias[pack];
#pragma unroll
  for (int e = 0; e < pack; ++e) {
    int c = min(first + e, tiles.channels - 1), own = tiles.sample() * tiles.channels + c;
    mean[e] = apply.mean[own];
    scale[e] = apply.inv_std[own] * (apply.weight != nullptr ? apply.weight[c] : 1.0f);
    bias[e] = apply.bias != nullptr ? apply.bias[c] : 0.0f;
  }
  for (int row = tiles.first_row(); row < tiles.last_row(); row += tiles.row_lanes) {
    float values[pack];
    load_channels<pack>(x.at(row, 0), first, tiles.channels, values);
#pragma unroll
    for (int e = 0; e < pack; ++e) {
      values[e] = (values[e] - mean[e]) * scale[e] + bias[e];
      if (relu && values[e] < 0) values[e] = 0;
    }
    store_channels<pack>(y.at(row, 0), first, tiles.channels, lanes, values);
  }
}

struct ApplyBackward {
  const float *mean, *inv_std, *weight;
  const float *share, *slope;  // Σ grad_y / count and Σ grad_y·(x - mean) · inv_std² / count; null in eval
};

// grad_x = weight · inv_std · (grad_y - share - (x - mean) · slope), grad_y 0 where it does not count
template <class T, int pack, class Counts>
__global__ void __launch_bounds__(tile_threads)
    normalise_backward_kernel(ChannelTiles tiles, Rows<const T> x, Rows<const T> grad_y, ApplyBackward apply,
                              Counts counts, Rows<T> grad_x, int lanes) {
  int first = tiles.column() * pack;
  if (first >= lanes) return;
  float mean[pack], scale[pack], share[pack], slope[pack];
#pragma unroll
  for (int e = 0; e < pack; ++e) {
    int c = min(first + e, tiles.channels - 1), own = tiles.sample() * tiles.channels + c;
    mean[e] = apply.mean[own];
    scale[e] = apply.inv_std[own] * (apply.weight != nullptr ? apply.weight[c] : 1.0f);
    share[e] = apply.share != nullptr ? apply.share[own] : 0.0f;
    slope[e] = apply.slope != nullptr ? apply.slope[own] : 0.0f;
  }
  typename Counts::template Gate<pack> gate(counts, first, tiles.channels);
  for (int row = tiles.first_row(); row < tiles.last_row(); row += tiles.row_lanes) {
    float g[pack], values[pack];
    load_channels<pack>(grad_y.at(row, 0), first, tiles.channels, g);
    load_channels<pack>(x.at(row, 0), first, tiles.channels, values);
#pragma unroll
    for (int e = 0; e < pack; ++e) {
      float distance = values[e] - mean[e], counted = gate.passes(e, distance) ? g[e] : 0.0f;
      values[e] = scale[e] * (counted - share[e] - distance * slope[e]);
    }
    store_channels<pack>(grad_x.at(row, 0), first, tiles.channels, lanes, values);
  }
}

struct Statistics {
  float *mean, *inv_std, *running_mean, *running_var;  // the running ones may be null in training
  int channels;
  double count, eps, momentum;
};

// Statistics of each sample from the merged moments of its row blocks, and the running ones moved towards them.
template <int threads = merge_channels* merge_lanes>
__global__ void __launch_bounds__(threads) statistics_kernel(Partials partials, ChannelTiles tiles, Statistics s) {
  Moments all = merge_moments(partials, tiles);
  int c = merge_channel();
  if (threadIdx.x >= merge_channels || c >= s.channels) return;
  double variance = all.squares / s.count;
  unsigned own = blockIdx.y * static_cast<unsigned>(s.channels) + static_cast<unsigned>(c);
  s.mean[own] = static_cast<float>(all.mean);
  s.inv_std[own] = static_cast<float>(1.0 / sqrt(variance + s.eps));
  if (s.running_mean == nullptr) return;
  double keep = 1 - s.momentum;
  s.running_mean[c] = static_cast<float>(keep * s.running_mean[c] + s.momentum * all.mean);
  s.running_var[c] = static_cast<float>(keep * s.running_var[c] + s.momentum * all.squares / (s.count - 1));
}

struct GradSums {
  const float* inv_std;
  float *share, *slope, *grad_weight, *grad_bias;  // the last two may be null
  int channels;
  double count;
};

template <int threads = merge_channels* merge_lanes>
__global__ void __launch_bounds__(threads) grad_sums_kernel(Partials partials, GradSums s) {
  ProductSums all = merge_products(partials);
  int c = merge_channel();
  if (threadIdx.x >= merge_channels || c >= s.channels) return;
  unsigned own = blockIdx.y * static_cast<unsigned>(s.channels) + static_cast<unsigned>(c);
  double inv_std = s.inv_std[own];
  s.share[own] = static_cast<float>(all.plain / s.count);
  s.slope[own] = static_cast<float>(all.centred * inv_std * inv_std / s.count);
  if (s.grad_weight != nullptr) s.grad_weight[c] = static_cast<float>(all.centred * inv_std);
  if (s.grad_bias != nullptr) s.grad_bias[c] = static_cast<float>(all.plain);
}

// Host side: the sums of all samples in two launches.
template <class T, int pack>
void find_statistics(Context& context, const ChannelLaunch& plan, ConstView x, const Statistics& statistics) {
  Workspace workspace(context, Partials::bytes(plan, statistics.channels));
  Partials partials(workspace.as<float>(), plan, statistics.channels);
  launch<moments_kernel<T, pack>>({plan.grid, tile_threads, 0, stream_of(context)}, plan.tiles, rows_of<T>(x),
                                  partials);
  dim3 grid = merge_blocks(statistics.channels, plan.samples);
  launch<statistics_kernel<>>({grid, merge_channels * merge_lanes, 0, stream_of(context)}, partials, plan.tiles,
                              statistics);
}

template <class T, int pack, class Counts>
void find_grad_sums(Context& context, const ChannelLaunch& plan, ConstView x, ConstView grad_y, const float* mean,
                    const Counts& counts, const GradSums& sums) {
  Workspace workspace(context, Partials::bytes(plan, sums.channels));
  Partials partials(workspace.as<float>(), plan, sums.channels);
  launch<product_sums_kernel<T, pack, Counts>>({plan.grid, tile_threads, 0, stream_of(context)}, plan.tiles,
                                               rows_of<T>(grad_y), rows_of<T>(x), mean, counts, partials);
  dim3 grid = merge_blocks(sums.channels, plan.samples);
  launch<grad_sums_kernel<>>({grid, merge_channels * merge_lanes, 0, stream_of(context)}, partials, sums);
}

}  // namespace cuunet::CUUNET_TARGET
