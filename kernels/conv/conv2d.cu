// Implicit GEMM: the products of gather_gemm.cuh and weight_gemm.cuh read the images in place, 16 bytes at a time, four
// stages ahead (cp.async), and multiply on the tensor cores (bf16; tf32 if the context allows it) or in plain f32.
// Small images (at most 64 pixels) use tiles of 16 pixels, and few tiles split the depth; partials are added in a fixed
// order.
// Per pixel of y: 2·C·R·S·K operations. Traffic: each image once per block of 64 result channels and per tap, mostly
// from the L2 cache; weights once per block of 128 pixels. Bound: arithmetic from 64 channels on, memory below.
//
// Here is the host's side: how each pass is such a product. The device's side, from the inside out: a tile's product
// and its pipeline (device/gemm_tile.cuh), what it gathers and where sums go (gather_gemm.cuh, weight_gemm.cuh).
#include "kernels/conv/conv2d.h"

#include "kernels/conv/conv2d_backward_input.cuh"
#include "kernels/conv/conv2d_peer.h"
#include "kernels/conv/conv2d_weights.cuh"
#include "kernels/conv/weight_gemm.cuh"
#include "kernels/device/gemm_plan.cuh"
#include "kernels/device/run_chosen.cuh"
#include "kernels/reduce/channel_sum.cuh"

namespace cuunet::CUUNET_TARGET {
namespace {

template <class Tile, class Math, class T>
void multiply_gathered(Context& context, const Gather<T>& gather, const GemmOutput<T>& out, const GemmPlan& plan) {
  using Gemm = GemmTile<Math, Tile, Depth::inner>;
  launch<gather_gemm_kernel<Math, Tile>>({plan.grid(), gemm_threads, Gemm::shared_bytes, stream_of(context)}, gather,
                                         out, plan.steps_per_split);
}

template <class T>
GemmOutput<T> output_in(View y, ConstView bias, bool relu, const Workspace& partials, int64_t partials_per_split) {
  return {.y = rows_of<T>(y),
          .lanes = static_cast<int>(y.lanes),
          .bias = bias.as<float>(),
          .relu = relu,
          .partials = partials.as<float>(),
          .partials_per_split = partials_per_split,
          .pitch = static_cast<int>(y.lanes)};
}

// Adds up the splits of each pixel of y, and the copies of it in a border of that many cells.
template <class T>
void add_partials(Context& context, View y, int border, PaddingMode mode, int splits, const GemmOutput<T>& out) {
  Fold fold{.height = static_cast<int>(y.h()),
            .width = static_cast<int>(y.w()),
            .padding = border,
            .mode = mode,
            .count = count_32(y.rows() * y.lanes),
            .columns = static_cast<int>(y.c()),
            .splits = splits};
  launch<finish_kernel<T>>({block_count(fold.count, 256), 256, 0, stream_of(context)}, fold, out);
}

// y[p] = Σ_tap w[tap] · x[p · stride + tap - padding]
Axis forward_axis(int64_t size, int64_t result_size, int64_t taps, const Conv2dParams& params, int weight_stride) {
  int rows = static_cast<int>(result_size);
  return {.size = static_cast<int>(size),
          .rows = rows,
          .taps = static_cast<int>(taps),
          .step = params.stride,
          .origin = -params.padding,
          .direction = 1,
          .result_size = rows,
          .stride = 1,
          .offset = 0,
          .weight_stride = weight_stride};
}

template <class Math>
void forward_with(Context& context, ConstView x, ConstView w, ConstView bias, View y, const Conv2dParams& params) {
  using T = typename Math::Storage;
  int S = static_cast<int>(w.w()), padded = static_cast<int>(padded_channels(w.c()));
  Workspace packed(context, static_cast<size_t>(w.rows() * padded) * sizeof(T));
  Gather<T> gather{.image = rows_of<T>(x),
                   .h = forward_axis(x.h(), y.h(), w.h(), params, S * padded),
                   .w = forward_axis(x.w(), y.w(), S, params, padded),
                   .channels = static_cast<int>(x.c()),
                   .padded = padded,
                   .mode = params.padding_mode,
                   .aligned = packs(x),
                   .weights = pack_weights(context, w, packed.as<T>()),
                   .weight_pitch = w.h() * S * padded,
                   .rows = static_cast<int>(count_32(y.rows())),
                   .columns = static_cast<int>(w.n())};
  with_tile(y.rows(), [&]<class Tile>(Tile) {
    GemmPlan plan = plan_gemm<GemmTile<Math, Tile, Depth::inner>>(y.rows(), y.lanes, gather.weight_pitch);
    int64_t per_split = y.rows() * y.lanes;
    Workspace partials(context, plan.splits > 1 ? static_cast<size_t>(plan.splits * per_split) * sizeof(float) : 0);
    GemmOutput<T> out = output_in<T>(y, bias, params.relu, partials, per_split);
    multiply_gathered<Tile, Math>(context, gather, out, plan);
    if (plan.splits > 1) add_partials(context, y, 0, PaddingMode::zeros, plan.splits, out);
  });
}

// grad_x[h] = Σ_tap w[tap] · grad_y[(h + padding - tap) / stride], over the taps that leave no remainder: the rows of
// grad_x whose index is `phase` modulo the stride meet every stride-th tap, from `first` on.
Axis phase_axis(int64_t size, int64_t result_size, int64_t taps, int stride, int padding, int phase,
                int weight_stride) {
  int first = (phase + padding) % stride, all = static_cast<int>(taps);
  int rows = (static_cast<int>(result_size) - phase + stride - 1) / stride;
  return {.size = static_cast<int>(size),
          .rows = std::max(rows, 0),
          .taps = first < all ? (all - first + stride - 1) / stride : 0,
          .step = 1,
          .origin = (phase + padding - first) / stride,
          .direction = -1,
          .result_size = static_cast<int>(result_size),
          .stride = stride,
          .offset = phase,
          .weight_stride = weight_stride * stride};
}

// One of the stride² interleaved images that grad_x, with its border, consists of, each of which meets its own taps. A
// phase may have no pixels, or no taps: then its pixels are zero.
template <class T>
Gather<T> phase_gather(ConstView grad_y, ConstView w, const T* weights, int64_t height, int64_t width, int stride,
                       int padding, int phase) {
  int64_t R = w.h(), S = w.w();
  int padded = static_cast<int>(padded_channels(w.n())), phase_h = phase / stride, phase_w = phase % stride;
  Axis h = phase_axis(grad_y.h(), height, R, stride, padding, phase_h, static_cast<int>(S) * padded);
  Axis v = phase_axis(grad_y.w(), width, S, stride, padding, phase_w, padded);
  int64_t first_tap = (phase_h + padding) % stride * S + (phase_w + padding) % stride;
  return {.image = rows_of<T>(grad_y),
          .h = h,
          .w = v,
          .channels = static_cast<int>(grad_y.c()),
          .padded = padded,
          .mode = PaddingMode::zeros,
          .aligned = packs(grad_y),
          .weights = weights + (h.taps * v.taps > 0 ? first_tap * padded : 0),
          .weight_pitch = R * S * padded,
          .rows = static_cast<int>(count_32(grad_y.n() * h.rows * v.rows)),
          .columns = static_cast<int>(w.c())};
}

template <class Math>
void backward_input_with(Context& context, ConstView grad_y, ConstView w, ConstView bias, View grad_x,
                         const Conv2dParams& params) {
  using T = typename Math::Storage;
  int64_t padded = padded_channels(w.n());
  int stride = params.stride;
  // Other padding than zeros: the gradient of the padded image first, then each pixel adds its copies.
  int border = params.padding_mode == PaddingMode::zeros ? 0 : params.padding, padding = params.padding - border;
  int64_t height = grad_x.h() + 2 * border, width = grad_x.w() + 2 * border;
  Workspace packed(context, static_cast<size_t>(w.c() * w.h() * w.w() * padded) * sizeof(T));
  const T* weights = pack_transposed_weights(context, w, packed.as<T>());
  int64_t rows = grad_x.n() * ((height + stride - 1) / stride) * ((width + stride - 1) / stride);
  with_tile(rows, [&]<class Tile>(Tile) {
    int64_t taps = ((w.h() + stride - 1) / stride) * ((w.w() + stride - 1) / stride);
    GemmPlan plan = plan_gemm<GemmTile<Math, Tile, Depth::inner>>(rows, grad_x.lanes, taps * padded);
    int64_t per_split = grad_x.n() * height * width * grad_x.lanes;
    bool partial = plan.splits > 1 || border > 0;
    Workspace partials(context, partial ? static_cast<size_t>(plan.splits * per_split) * sizeof(float) : 0);
    GemmOutput<T> out = output_in<T>(grad_x, bias, false, partials, per_split);
    for (int phase = 0; phase < stride * stride; ++phase) {
      Gather<T> gather = phase_gather(grad_y, w, weights, height, width, stride, padding, phase);
      if (gather.rows > 0) multiply_gathered<Tile, Math>(context, gather, out, plan);
    }
    if (partial) add_partials(context, grad_x, border, params.padding_mode, plan.splits, out);
  });
}

template <class Math>
void backward_weight_with(Context& context, ConstView x, ConstView grad_y, View grad_w, const Conv2dParams& params) {
  using T = typename Math::Storage;
  int padded = static_cast<int>(padded_channels(x.c())), K = static_cast<int>(grad_w.n());
  int columns = static_cast<int>(count_32(grad_w.h() * grad_w.w() * padded));
  WeightGather<T> gather{.x = rows_of<T>(x),
                         .grad_y = rows_of<T>(grad_y),
                         .height = static_cast<int>(x.h()),
                         .width = static_cast<int>(x.w()),
                         .p_rows = static_cast<int>(grad_y.h()),
                         .q_rows = static_cast<int>(grad_y.w()),
                         .stride = params.stride,
                         .padding = params.padding,
                         .mode = params.padding_mode,
                         .x_aligned = packs(x),
                         .grad_y_aligned = packs(grad_y),
                         .taps_w = static_cast<int>(grad_w.w()),
                         .channels = static_cast<int>(x.c()),
                         .padded = padded,
                         .rows = K,
                         .columns = columns,
                         .pixels = static_cast<int>(count_32(grad_y.rows())),
                         .steps_per_split = 1};
  with_tile(K, [&]<class Tile>(Tile) {
    using Gemm = GemmTile<Math, Tile, Depth::outer>;
    GemmPlan plan = plan_gemm<Gemm>(K, columns, gather.pixels);
    gather.steps_per_split = plan.steps_per_split;
    int64_t per_split = int64_t{K} * columns;
    Workspace partials(context, static_cast<size_t>(plan.splits * per_split) * sizeof(float));
    launch<weight_gemm_kernel<Math, Tile>>({plan.grid(), gemm_threads, Gemm::shared_bytes, stream_of(context)}, gather,
                                           partials.as<float>());
    visit_storage("conv2d weight", grad_w.dtype, [&]<class W>(W) {
      launch<sum_weight_partials_kernel<W>>(
          {block_count(per_split, 256), 256, 0, stream_of(context)}, partials.as<float>(), plan.splits, per_split,
          padded, count_32(per_split), rows_of<W>(grad_w), static_cast<int>(x.c()), static_cast<int>(grad_w.lanes));
    });
  });
}

void require_type(const char* what, ConstView view, DType expected) {
  if (view.empty() || view.dtype == expected) return;
  throw ShapeError("conv2d expects {} in {}, got {}", what, name_of(expected), name_of(view.dtype));
}

void forward(Context& context, ConstView x, ConstView w, ConstView bias, View y, const Conv2dParams& params) {
  require_conv2d_shapes(x.shape, w.shape, bias, y.shape, params);
  require_type("y", y, x.dtype);
  require_type("bias", bias, DType::f32);
  if (y.elements() == 0) return;
  auto native = [&] {
    with_math("conv2d", context, x.dtype,
              [&]<class Math>(Math) { forward_with<Math>(context, x, w, bias, y, params); });
  };
  run_chosen(
      context, conv2d_peer.forward.built(), native, [&] { conv2d_peer.forward(context, x, w, bias, y, params); },
      [&] { return conv2d_key(Conv2dPass::forward, context, x, w.shape, y, params); });
}

void backward_input(Context& context, ConstView grad_y, ConstView w, View grad_x, const Conv2dParams& params) {
  conv2d_backward_input_plus_bias(context, grad_y, w, {}, grad_x, params);
}

void backward_weight(Context& context, ConstView x, ConstView grad_y, View grad_w, View grad_bias,
                     const Conv2dParams& params) {
  if (!grad_w.empty()) require_conv2d_shapes(x.shape, grad_w.shape, grad_bias, grad_y.shape, params);
  require_type("grad_y", grad_y, x.dtype);
  require_type("grad_bias", grad_bias, DType::f32);
  if (!grad_bias.empty()) sum_per_channel(context, grad_y, grad_bias);
  if (grad_w.empty()) return;
  auto native = [&] {
    with_math("conv2d", context, x.dtype,
              [&]<class Math>(Math) { backward_weight_with<Math>(context, x, grad_y, grad_w, params); });
  };
  if (grad_y.elements() == 0) return native();
  run_chosen(
      context, conv2d_peer.backward_weight.built(), native,
      [&] { conv2d_peer.backward_weight(context, x, grad_y, grad_w, params); },
      [&] { return conv2d_key(Conv2dPass::backward_weight, context, x, grad_w.shape, grad_y, params); });
}

const Implementation forward_here{conv2d_forward, Device::CUUNET_TARGET, forward};
const Implementation backward_input_here{conv2d_backward_input, Device::CUUNET_TARGET, backward_input};
const Implementation backward_weight_here{conv2d_backward_weight, Device::CUUNET_TARGET, backward_weight};

}  // namespace

void conv2d_backward_input_plus_bias(Context& context, ConstView grad_y, ConstView w, ConstView bias, View grad_x,
                                     const Conv2dParams& params) {
  require_conv2d_shapes(grad_x.shape, w.shape, {}, grad_y.shape, params);
  require_type("grad_y", grad_y, grad_x.dtype);
  require_type("bias", bias, DType::f32);
  if (grad_x.elements() == 0) return;
  auto native = [&] {
    with_math("conv2d", context, grad_x.dtype,
              [&]<class Math>(Math) { backward_input_with<Math>(context, grad_y, w, bias, grad_x, params); });
  };
  if (grad_y.elements() == 0) return native();
  run_chosen(
      context, conv2d_peer.backward_input.built(), native,
      [&] { conv2d_peer.backward_input(context, grad_y, w, bias, grad_x, params); },
      [&] { return conv2d_key(Conv2dPass::backward_input, context, grad_x, w.shape, grad_y, params); });
}

}  // namespace cuunet::CUUNET_TARGET
