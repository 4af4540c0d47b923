// Training: each block finds mean and sum of squares of its rows (Welford), a second kernel merges them (Chan et al.),
// a third normalises. Backward: sums of grad_y and grad_y·(x - mean) in the same two steps, then one pass for grad_x.
// Per element: 12 bytes (x read twice), backward 20 (x and grad_y read twice; bf16: half); 8 operations, backward 10.
// Bound: memory bandwidth.
#include "kernels/norm/batch_norm.h"

#include "kernels/norm/normalise.cuh"

namespace cuunet::CUUNET_TARGET {
namespace {

__global__ void running_statistics_kernel(Statistics s) {
  int c = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (c >= s.channels) return;
  s.mean[c] = s.running_mean[c];
  s.inv_std[c] = static_cast<float>(1.0 / sqrt(s.running_var[c] + s.eps));
}

void require_vector(const char* what, ConstView v, int64_t channels) {
  if (v.empty() || (v.shape == Shape{channels} && v.dtype == DType::f32)) return;
  throw ShapeError("batch_norm expects {} [{}] f32, got {} {}", what, channels, v.shape.text(), name_of(v.dtype));
}

template <bool relu>
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
    if (params.training)
      find_statistics<T, pack>(context, plan, x, statistics);
    else
      launch<running_statistics_kernel>({block_count(channels, 128), 128, 0, stream_of(context)}, statistics);
    Apply apply{v.mean.as<float>(), v.inv_std.as<float>(), v.weight.as<float>(), v.bias.as<float>()};
    launch<normalise_kernel<T, pack, relu>>({plan.grid, tile_threads, 0, stream_of(context)}, plan.tiles, rows_of<T>(x),
                                            apply, rows_of<T>(y), static_cast<int>(y.lanes));
  });
}

template <bool relu>
void backward(Context& context, const BatchNormBackward& v, const BatchNormParams& params) {
  ConstView x = as_maps(v.x), grad_y = as_maps(v.grad_y);
  View grad_x = as_maps(v.grad_x);
  int64_t channels = v.mean.elements();
  require_batch_norm(v.grad_y.shape, channels, params.training);
  bool packed = packs(x) && packs(grad_y) && (grad_x.empty() || packs(grad_x));
  with_pack("batch_norm", x.dtype, packed, [&]<class T, int pack>(T, std::integral_constant<int, pack>) {
    ChannelLaunch plan = channel_launch(x.rows(), channels, std::max(grad_x.lanes, channels), pack);
    std::conditional_t<relu, WherePositive, Everywhere> counts{};
    if constexpr (relu) counts = {v.inv_std.as<float>(), v.weight.as<float>(), v.bias.as<float>()};
    Workspace sums(context, static_cast<size_t>(channels) * 2 * sizeof(float));
    float *share = sums.as<float>(), *slope = share + channels;
    if (params.training || !v.grad_weight.empty() || !v.grad_bias.empty()) {
      GradSums grad_sums{v.inv_std.as<float>(),
                         share,
                         slope,
                         v.grad_weight.as<float>(),
                         v.grad_bias.as<float>(),
                         static_cast<int>(channels),
                         static_cast<double>(x.rows())};
      find_grad_sums<T, pack>(context, plan, x, grad_y, v.mean.as<float>(), counts, grad_sums);
    }
    if (grad_x.empty()) return;
    ApplyBackward apply{v.mean.as<float>(), v.inv_std.as<float>(), v.weight.as<float>(),
                        params.training ? share : nullptr, params.training ? slope : nullptr};
    launch<normalise_backward_kernel<T, pack, decltype(counts)>>(
        {plan.grid, tile_threads, 0, stream_of(context)}, plan.tiles, rows_of<T>(x), rows_of<T>(grad_y), apply, counts,
        rows_of<T>(grad_x), static_cast<int>(grad_x.lanes));
  });
}

const Implementation forward_here{batch_norm_forward, Device::CUUNET_TARGET, forward<false>};
const Implementation backward_here{batch_norm_backward, Device::CUUNET_TARGET, backward<false>};
const Implementation relu_forward_here{batch_norm_relu_forward, Device::CUUNET_TARGET, forward<true>};
const Implementation relu_backward_here{batch_norm_relu_backward, Device::CUUNET_TARGET, backward<true>};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
