// batch_norm's kernels with a sample per image: Welford moments per block of its rows, their merge, one pass to
// normalise; backward alike with the sums of grad_y and grad_y·(x - mean).
// Per element: 12 bytes (x read twice), backward 20 (x and grad_y read twice; bf16: half); 8 operations, backward 10.
// Bound: memory bandwidth.
#include "kernels/norm/instance_norm.h"

#include "kernels/norm/normalise.cuh"

namespace cuunet::CUUNET_TARGET {
namespace {

void require_statistics(ConstView x, ConstView mean, ConstView inv_std) {
  require_instance_norm(x.shape);
  int64_t count = x.n() * x.c();
  if (mean.elements() == count && inv_std.elements() == count && mean.dtype == DType::f32 &&
      inv_std.dtype == DType::f32) {
    return;
  }
  throw ShapeError("instance_norm expects mean and inv_std f32 [{}, {}], got {} {} and {} {}", x.n(), x.c(),
                   name_of(mean.dtype), mean.shape.text(), name_of(inv_std.dtype), inv_std.shape.text());
}

void require_like(ConstView x, ConstView other) {
  if (other.shape == x.shape && other.dtype == x.dtype) return;
  throw ShapeError("instance_norm: expected {} {}, got {} {}", name_of(x.dtype), x.shape.text(), name_of(other.dtype),
                   other.shape.text());
}

ChannelLaunch plan_for(ConstView x, int64_t lanes, int pack) {
  return channel_launch(x.h() * x.w(), x.c(), std::max(lanes, x.c()), pack, x.n());
}

void forward(Context& context, ConstView x, View y, View mean, View inv_std, double eps) {
  require_statistics(x, mean, inv_std);
  require_like(x, y);
  bool packed = packs(x) && packs(y);
  with_pack("instance_norm", x.dtype, packed, [&]<class T, int pack>(T, std::integral_constant<int, pack>) {
    ChannelLaunch plan = plan_for(x, y.lanes, pack);
    Statistics statistics{.mean = mean.as<float>(),
                          .inv_std = inv_std.as<float>(),
                          .channels = static_cast<int>(x.c()),
                          .count = static_cast<double>(x.h() * x.w()),
                          .eps = eps};
    find_statistics<T, pack>(context, plan, x, statistics);
    Apply apply{mean.as<float>(), inv_std.as<float>()};
    launch<normalise_kernel<T, pack, false>>({plan.grid, tile_threads, 0, stream_of(context)}, plan.tiles,
                                             rows_of<T>(x), apply, rows_of<T>(y), static_cast<int>(y.lanes));
  });
}

void backward(Context& context, ConstView x, ConstView mean, ConstView inv_std, ConstView grad_y, View grad_x) {
  if (grad_x.empty()) return;
  require_statistics(x, mean, inv_std);
  require_like(x, grad_y);
  require_like(x, grad_x);
  bool packed = packs(x) && packs(grad_y) && packs(grad_x);
  with_pack("instance_norm", x.dtype, packed, [&]<class T, int pack>(T, std::integral_constant<int, pack>) {
    ChannelLaunch plan = plan_for(x, grad_x.lanes, pack);
    Workspace memory(context, static_cast<size_t>(mean.elements()) * 2 * sizeof(float));
    float *share = memory.as<float>(), *slope = share + mean.elements();
    GradSums sums{.inv_std = inv_std.as<float>(),
                  .share = share,
                  .slope = slope,
                  .channels = static_cast<int>(x.c()),
                  .count = static_cast<double>(x.h() * x.w())};
    find_grad_sums<T, pack>(context, plan, x, grad_y, mean.as<float>(), Everywhere{}, sums);
    ApplyBackward apply{mean.as<float>(), inv_std.as<float>(), nullptr, share, slope};
    launch<normalise_backward_kernel<T, pack, Everywhere>>({plan.grid, tile_threads, 0, stream_of(context)}, plan.tiles,
                                                           rows_of<T>(x), rows_of<T>(grad_y), apply, Everywhere{},
                                                           rows_of<T>(grad_x), static_cast<int>(grad_x.lanes));
  });
}

const Implementation forward_here{instance_norm_forward, Device::CUUNET_TARGET, forward};
const Implementation backward_here{instance_norm_backward, Device::CUUNET_TARGET, backward};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
