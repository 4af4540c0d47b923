// Training: each block finds mean and sum of squares of its rows (Welford), a second kernel merges them (Chan et al.),
// a third normalises. Backward: sums of grad_y and grad_y·(x - mean) in the same two steps, then one pass for grad_x.
// Traffic: forward reads x twice and writes y once; backward reads x and grad_y twice and writes grad_x once.
// About 6 operations per element. Bound: memory bandwidth.
#include "kernels/norm/batch_norm.h"

#include "kernels/norm/channel_sums.cuh"

namespace cuunet::CUUNET_TARGET {
namespace {

struct Apply {
  const float *mean, *inv_std, *weight, *bias;  // weight and bias may be null: 1, 0
};

// y = (x - mean) · inv_std · weight + bias
template <class T, int pack>
__global__ void __launch_bounds__(tile_threads)
    normalise_kernel(ChannelTiles tiles, Rows<const T> x, Apply apply, Rows<T> y, int lanes) {
  int first = tiles.column() * pack;
  if (first >= lanes) return;
  float mean[pack], scale[pack], bias[pack];
#pragma unroll
  for (int e = 0; e < pack; ++e) {
    int c = min(first + e, tiles.channels - 1);
    mean[e] = apply.mean[c];
    scale[e] = apply.inv_std[c] * (apply.weight != nullptr ? apply.weight[c] : 1.0f);
    bias[e] = apply.bias != nullptr ? apply.bias[c] : 0.0f;
  }
  for (int row = tiles.first_row(); row < tiles.last_row(); row += tiles.row_lanes) {
    float values[pack];
    load_channels<pack>(x.at(row, 0), first, tiles.channels, values);
#pragma unroll
    for (int e = 0; e < pack; ++e) values[e] = (values[e] - mean[e]) * scale[e] + bias[e];
    store_channels<pack>(y.at(row, 0), first, tiles.channels, lanes, values);
  }
}

struct ApplyBackward {
  const float *mean, *inv_std, *weight;
  const float *share, *slope;  // Σ grad_y / count and Σ grad_y·(x - mean) · inv_std² / count; null in eval
};

// grad_x = weight · inv_std · (grad_y - share - (x - mean) · slope)
template <class T, int pack>
__global__ void __launch_bounds__(tile_threads)
    normalise_backward_kernel(ChannelTiles tiles, Rows<const T> x, Rows<const T> grad_y, ApplyBackward apply,
                              Rows<T> grad_x, int lanes) {
  int first = tiles.column() * pack;
  if (first >= lanes) return;
  float mean[pack], scale[pack], share[pack], slope[pack];
#pragma unroll
  for (int e = 0; e < pack; ++e) {
    int c = min(first + e, tiles.channels - 1);
    mean[e] = apply.mean[c];
    scale[e] = apply.inv_std[c] * (apply.weight != nullptr ? apply.weight[c] : 1.0f);
    share[e] = apply.share != nullptr ? apply.share[c] : 0.0f;
    slope[e] = apply.slope != nullptr ? apply.slope[c] : 0.0f;
  }
  for (int row = tiles.first_row(); row < tiles.last_row(); row += tiles.row_lanes) {
    float g[pack], values[pack];
    load_channels<pack>(grad_y.at(row, 0), first, tiles.channels, g);
    load_channels<pack>(x.at(row, 0), first, tiles.channels, values);
#pragma unroll
    for (int e = 0; e < pack; ++e) values[e] = scale[e] * (g[e] - share[e] - (values[e] - mean[e]) * slope[e]);
    store_channels<pack>(grad_x.at(row, 0), first, tiles.channels, lanes, values);
  }
}

struct Statistics {
  float *mean, *inv_std, *running_mean, *running_var;  // the running ones may be null in training
  int channels;
  double count, eps, momentum;
};

// Batch statistics from the merged moments of all row blocks, and the running ones moved towards them.
__global__ void __launch_bounds__(merge_channels* merge_lanes)
    batch_statistics_kernel(Partials partials, ChannelTiles tiles, Statistics s) {
  Moments all = merge_moments(partials, tiles);
  int c = merge_channel();
  if (threadIdx.x >= merge_channels || c >= s.channels) return;
  double variance = all.squares / s.count;
  s.mean[c] = static_cast<float>(all.mean);
  s.inv_std[c] = static_cast<float>(1.0 / sqrt(variance + s.eps));
  if (s.running_mean == nullptr) return;
  double keep = 1 - s.momentum;
  s.running_mean[c] = static_cast<float>(keep * s.running_mean[c] + s.momentum * all.mean);
  s.running_var[c] = static_cast<float>(keep * s.running_var[c] + s.momentum * all.squares / (s.count - 1));
}

__global__ void running_statistics_kernel(Statistics s) {
  int c = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (c >= s.channels) return;
  s.mean[c] = s.running_mean[c];
  s.inv_std[c] = static_cast<float>(1.0 / sqrt(s.running_var[c] + s.eps));
}

struct GradSums {
  const float* inv_std;
  float *share, *slope, *grad_weight, *grad_bias;  // the last two may be null
  int channels;
  double count;
};

__global__ void __launch_bounds__(merge_channels* merge_lanes) grad_sums_kernel(Partials partials, GradSums s) {
  ProductSums all = merge_products(partials);
  int c = merge_channel();
  if (threadIdx.x >= merge_channels || c >= s.channels) return;
  double inv_std = s.inv_std[c];
  s.share[c] = static_cast<float>(all.plain / s.count);
  s.slope[c] = static_cast<float>(all.centred * inv_std * inv_std / s.count);
  if (s.grad_weight != nullptr) s.grad_weight[c] = static_cast<float>(all.centred * inv_std);
  if (s.grad_bias != nullptr) s.grad_bias[c] = static_cast<float>(all.plain);
}

void require_vector(const char* what, ConstView v, int64_t channels) {
  if (v.empty() || (v.shape == Shape{channels} && v.dtype == DType::f32)) return;
  throw ShapeError("batch_norm expects {} [{}] f32, got {} {}", what, channels, v.shape.text(), name_of(v.dtype));
}

void forward(Context& context, const BatchNormForward& v, const BatchNormParams& params) {
  ConstView x = as_maps(v.x);
  View y = as_maps(v.y);
  int64_t channels = v.mean.elements();
  require_batch_norm(v.x.shape, channels, params.training);
  if (!params.training && (v.running_mean.empty() || v.running_var.empty())) {
    throw ShapeError("batch_norm in eval needs running_mean and running_var, got none");
  }
  require_vector("weight", v.weight, channels);
  require_vector("bias", v.bias, channels);
  require_vector("running_mean", v.running_mean, channels);
  require_vector("running_var", v.running_var, channels);
  with_pack("batch_norm", x.dtype, packs(x) && packs(y), [&]<class T, int pack>(T, std::integral_constant<int, pack>) {
    ChannelLaunch plan = channel_launch(x.rows(), channels, std::max(y.lanes, channels), pack);
    Statistics statistics{v.mean.as<float>(),
                          v.inv_std.as<float>(),
                          v.running_mean.as<float>(),
                          v.running_var.as<float>(),
                          static_cast<int>(channels),
                          static_cast<double>(x.rows()),
                          params.eps,
                          params.momentum};
    Workspace workspace(context, params.training ? Partials::bytes(plan, channels) : 0);
    if (params.training) {
      Partials partials(workspace.as<float>(), plan, channels);
      launch<moments_kernel<T, pack>>({plan.grid, tile_threads, 0, stream_of(context)}, plan.tiles, rows_of<T>(x),
                                      partials);
      launch<batch_statistics_kernel>({merge_blocks(channels), merge_channels * merge_lanes, 0, stream_of(context)},
                                      partials, plan.tiles, statistics);
    } else {
      launch<running_statistics_kernel>({block_count(channels, 128), 128, 0, stream_of(context)}, statistics);
    }
    Apply apply{v.mean.as<float>(), v.inv_std.as<float>(), v.weight.as<float>(), v.bias.as<float>()};
    launch<normalise_kernel<T, pack>>({plan.grid, tile_threads, 0, stream_of(context)}, plan.tiles, rows_of<T>(x),
                                      apply, rows_of<T>(y), static_cast<int>(y.lanes));
  });
}

void backward(Context& context, const BatchNormBackward& v, const BatchNormParams& params) {
  ConstView x = as_maps(v.x), grad_y = as_maps(v.grad_y);
  View grad_x = as_maps(v.grad_x);
  int64_t channels = v.mean.elements();
  require_batch_norm(v.grad_y.shape, channels, params.training);
  bool packed = packs(x) && packs(grad_y) && (grad_x.empty() || packs(grad_x));
  with_pack("batch_norm", x.dtype, packed, [&]<class T, int pack>(T, std::integral_constant<int, pack>) {
    ChannelLaunch plan = channel_launch(x.rows(), channels, std::max(grad_x.lanes, channels), pack);
    Workspace workspace(context, Partials::bytes(plan, channels));
    Partials partials(workspace.as<float>(), plan, channels);
    Workspace sums(context, static_cast<size_t>(channels) * 2 * sizeof(float));
    float *share = sums.as<float>(), *slope = share + channels;
    if (params.training || !v.grad_weight.empty() || !v.grad_bias.empty()) {
      launch<product_sums_kernel<T, pack>>({plan.grid, tile_threads, 0, stream_of(context)}, plan.tiles,
                                           rows_of<T>(grad_y), rows_of<T>(x), v.mean.as<float>(), partials);
      GradSums grad_sums{v.inv_std.as<float>(),
                         share,
                         slope,
                         v.grad_weight.as<float>(),
                         v.grad_bias.as<float>(),
                         static_cast<int>(channels),
                         static_cast<double>(x.rows())};
      launch<grad_sums_kernel>({merge_blocks(channels), merge_channels * merge_lanes, 0, stream_of(context)}, partials,
                               grad_sums);
    }
    if (grad_x.empty()) return;
    ApplyBackward apply{v.mean.as<float>(), v.inv_std.as<float>(), v.weight.as<float>(),
                        params.training ? share : nullptr, params.training ? slope : nullptr};
    launch<normalise_backward_kernel<T, pack>>({plan.grid, tile_threads, 0, stream_of(context)}, plan.tiles,
                                               rows_of<T>(x), rows_of<T>(grad_y), apply, rows_of<T>(grad_x),
                                               static_cast<int>(grad_x.lanes));
  });
}

const Implementation forward_here{batch_norm_forward, Device::CUUNET_TARGET, forward};
const Implementation backward_here{batch_norm_backward, Device::CUUNET_TARGET, backward};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
