// First one pass per 64 pixels j for the maximum and the sum of their exponentials, then a pass per result that
// computes the weights again, tile by tile, and multiplies on: L × L numbers never exist (as Dao et al. 2022, with sums
// in a fixed order instead of atomics). Backward: t[j] in a pass of its own, then grad_value, grad_key and grad_query.
// Arithmetic for L pixels, D and C channels: forward 2·L²·(D + C + D·C/128), backward 2·L²·(6·D + 4·C + D·C/128), D up
// to 128. Traffic: each map once per 64 pixels, from the L2 cache. Bound: arithmetic.
#include "kernels/attention/self_attention.h"

#include "kernels/attention/attention_tile.cuh"
#include "kernels/device/gemm_plan.cuh"
#include "kernels/reduce/element_sum.cuh"

namespace cuunet::CUUNET_TARGET {
namespace {

template <class T>
GemmOperand<T> pixels_of(ConstView x) {
  return {x.as<T>(), x.pixel_stride, static_cast<int>(count_32(x.h() * x.w())), static_cast<int>(x.c()), packs(x)};
}

template <class T>
AttentionResult<T> result_in(View y, ConstView gamma, ConstView added = {}) {
  return {rows_of<T>(y), static_cast<int>(y.c()), static_cast<int>(y.lanes), gamma.as<float>(), rows_of<T>(added)};
}

// The numbers of each pixel j, and the launches that need them.
template <class Math>
class AttentionPasses {
 public:
  using T = typename Math::Storage;

  AttentionPasses(Context& context, const SelfAttentionInputs& in, bool gradients)
      : context_(context),
        query_(pixels_of<T>(in.query)),
        key_(pixels_of<T>(in.key)),
        images_(count_32(in.query.n())),
        lines_memory_(context, static_cast<size_t>(in.query.rows()) * 2 * sizeof(float)),
        mean_memory_(context, gradients ? static_cast<size_t>(in.query.rows()) * sizeof(double) : 0),
        lines_{lines_memory_.as<float>(), lines_memory_.as<float>() + in.query.rows(), mean_memory_.as<double>()} {
    launch<attention_lines_kernel<Math>>(
        {dim3(blocks(), images_), gemm_threads, PixelTile<Math>::shared_bytes, stream()}, PixelPair<T>{key_, query_},
        lines_);
  }

  // t[j] of upstream · value.
  const double* mean(const GemmOperand<T>& upstream, const GemmOperand<T>& value) const {
    launch<attention_mean_kernel<Math>>(
        {dim3(blocks(), images_), gemm_threads, PixelTile<Math>::shared_bytes, stream()}, PixelPair<T>{key_, query_},
        PixelPair<T>{upstream, value}, lines_);
    return lines_.mean;
  }
  // Rows j, sums over i.
  template <bool centred>
  void sum_over_queries(const PixelPair<T>& upstream, const GemmOperand<T>& values,
                        const AttentionResult<T>& out) const {
    sum<LinesAlong::rows, centred>({key_, query_}, upstream, values, out);
  }
  // Rows i, sums over j.
  template <bool centred>
  void sum_over_keys(const PixelPair<T>& upstream, const GemmOperand<T>& values, const AttentionResult<T>& out) const {
    sum<LinesAlong::columns, centred>({query_, key_}, upstream, values, out);
  }
  const GemmOperand<T>& query() const { return query_; }
  const GemmOperand<T>& key() const { return key_; }

 private:
  template <LinesAlong along, bool centred>
  void sum(const PixelPair<T>& logits, const PixelPair<T>& upstream, const GemmOperand<T>& values,
           const AttentionResult<T>& out) const {
    dim3 grid(blocks(), block_count(out.lanes, ResultTile<Math>::Tile::BN), images_);
    launch<attention_product_kernel<Math, along, centred>>(
        {grid, gemm_threads, attention_product_bytes<Math>, stream()}, logits, upstream, values, lines_, out);
  }
  unsigned blocks() const { return block_count(key_.rows, attention_block); }
  auto stream() const { return stream_of(context_); }

  Context& context_;
  GemmOperand<T> query_, key_;
  unsigned images_;
  Workspace lines_memory_, mean_memory_;
  SoftmaxLines lines_;
};

template <class Math>
void forward_with(Context& context, const SelfAttentionInputs& in, ConstView x, View y) {
  using T = typename Math::Storage;
  AttentionPasses<Math> passes(context, in, false);
  passes.template sum_over_queries<false>({}, pixels_of<T>(in.value), result_in<T>(y, in.gamma, x));
}

template <class Math>
void backward_with(Context& context, const SelfAttentionInputs& in, ConstView grad_y,
                   const SelfAttentionGradients& grad) {
  using T = typename Math::Storage;
  AttentionPasses<Math> passes(context, in, true);
  GemmOperand<T> upstream = pixels_of<T>(grad_y), value = pixels_of<T>(in.value);
  if (!grad.value.empty()) {
    passes.template sum_over_keys<false>({}, upstream, result_in<T>(grad.value, in.gamma));
  }
  if (grad.query.empty() && grad.key.empty() && grad.gamma.empty()) return;
  const double* mean = passes.mean(upstream, value);
  if (!grad.key.empty()) {
    passes.template sum_over_queries<true>({upstream, value}, passes.query(), result_in<T>(grad.key, in.gamma));
  }
  if (!grad.query.empty()) {
    passes.template sum_over_keys<true>({value, upstream}, passes.key(), result_in<T>(grad.query, in.gamma));
  }
  if (!grad.gamma.empty()) {
    launch<merge_sums_kernel<float>>({1, sum_threads, 0, stream_of(context)}, mean,
                                     static_cast<int>(count_32(grad_y.rows())), 1.0, grad.gamma.as<float>());
  }
}

void require_types(const SelfAttentionInputs& in, ConstView x) {
  auto expect = [](const char* name, ConstView view, DType dtype) {
    if (view.dtype == dtype) return;
    throw ShapeError("self_attention expects {} in {}, got {}", name, name_of(dtype), name_of(view.dtype));
  };
  expect("query", in.query, x.dtype);
  expect("key", in.key, x.dtype);
  expect("value", in.value, x.dtype);
  expect("gamma", in.gamma, DType::f32);
}

void forward(Context& context, const SelfAttentionInputs& in, ConstView x, View y) {
  require_self_attention(in, x.shape);
  require_types(in, x);
  if (y.elements() == 0) return;
  with_math("self_attention", context, x.dtype, [&]<class Math>(Math) { forward_with<Math>(context, in, x, y); });
}

void backward(Context& context, const SelfAttentionInputs& in, ConstView grad_y, const SelfAttentionGradients& grad) {
  require_self_attention(in, grad_y.shape);
  require_types(in, grad_y);
  if (grad_y.elements() == 0) return;
  with_math("self_attention", context, grad_y.dtype,
            [&]<class Math>(Math) { backward_with<Math>(context, in, grad_y, grad); });
}

const Implementation forward_here{self_attention_forward, Device::CUUNET_TARGET, forward};
const Implementation backward_here{self_attention_backward, Device::CUUNET_TARGET, backward};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
