#include "kernels/conv/conv2d_onednn.h"

#include "kernels/conv/border.h"
#include "kernels/conv/dense_views.h"
#include "kernels/conv/kept_weights.h"
#include "kernels/conv/onednn_convolution.h"
#include "kernels/device/copy.h"
#include "kernels/device/parallel.h"

#include <cstring>

namespace cuunet::onednn {
namespace {

// oneDNN computes with bf16 from AVX-512 on; narrower machines store bf16 and compute in f32.
DType computed_type(const Context& context, DType stored) {
  return stored == DType::bf16 && context.isa() != Isa::avx512 ? DType::f32 : stored;
}

ConvolutionProblem problem_of(Conv2dPass pass, ConstView x, const Shape& w, ConstView y, const Conv2dParams& params) {
  return {.pass = pass,
          .n = x.n(),
          .c = x.pixel_stride,
          .h = x.h(),
          .w = x.w(),
          .k = y.pixel_stride,
          .r = w[2],
          .s = w[3],
          .p = y.h(),
          .q = y.w(),
          .stride = params.stride,
          .padding = params.padding,
          .x = x.dtype,
          .y = y.dtype};
}

// The input gradient: with stride 1, the forward convolution of grad_y by the rotated weights. It is never slower than
// oneDNN's own (bf16, one thread, [4,99,64,64] 3x3: 7.0 ms against 13.3; [8,64,16,16]: the same).
ConvolutionProblem input_problem_of(ConstView grad_x, const Shape& w, ConstView grad_y, const Conv2dParams& params) {
  std::optional<Conv2dParams> rotated = rotated_conv2d(w, params);
  if (!rotated) return problem_of(Conv2dPass::backward_input, grad_x, w, grad_y, params);
  ConvolutionProblem problem = problem_of(Conv2dPass::forward, grad_y, w, grad_x, *rotated);
  problem.rotated = true;
  return problem;
}

using Arguments = std::unordered_map<int, dnnl::memory>;

void run(Context& context, const dnnl::primitive& primitive, const dnnl::memory::desc& scratchpad,
         Arguments arguments) {
  auto& convolutions = context.state<Convolutions>();
  Workspace scratch(context, scratchpad.get_size());
  arguments[DNNL_ARG_SCRATCHPAD] = convolutions.memory(scratchpad, scratch.as<char>());
  convolutions.execute(primitive, arguments);
}

// Memory for f32 values whose tail, beyond those of `values`, is zero.
class Padded {
 public:
  Padded(Context& context, ConstView values, int64_t count, bool needed)
      : memory_(context, needed ? static_cast<size_t>(count) * sizeof(float) : 0),
        data(needed ? memory_.as<float>() : static_cast<const float*>(values.data)) {
    if (!needed) return;
    auto given = static_cast<size_t>(values.storage_elements());
    std::memcpy(memory_.as<float>(), values.data, given * sizeof(float));
    std::memset(memory_.as<float>() + given, 0, (static_cast<size_t>(count) - given) * sizeof(float));
  }

 private:
  Workspace memory_;

 public:
  const float* data;
};

// Our weights with rows up to the padded count and, where the problem wants it, their taps in reverse.
class OurWeights {
 public:
  OurWeights(Context& context, const ConvolutionProblem& t, ConstView w)
      : rows_(t.rotated ? t.c : t.k),
        taps_(t.r * t.s),
        stride_(w.pixel_stride),
        reversed_(t.rotated && taps_ > 1),
        needed_(rows_ != w.n() || reversed_),
        memory_(context, needed_ ? static_cast<size_t>(rows_ * taps_ * stride_) * sizeof(float) : 0),
        data(needed_ ? memory_.as<float>() : w.as<float>()) {
    if (needed_) fill(context, w, memory_.as<float>());
  }

 private:
  void fill(Context& context, ConstView w, float* to) const {
    int64_t row = taps_ * stride_, given = w.n();
    auto bytes = static_cast<size_t>(stride_) * sizeof(float);
    parallel_for(context, rows_, std::max<int64_t>(1, 65536 / row),
                 [=, taps = taps_, stride = stride_, reversed = reversed_](int64_t begin, int64_t end) {
                   for (int64_t k = begin; k < end; ++k) {
                     for (int64_t tap = 0; tap < taps; ++tap) {
                       float* cell = to + k * row + (reversed ? taps - 1 - tap : tap) * stride;
                       if (k < given)
                         std::memcpy(cell, w.as<float>() + k * row + tap * stride, bytes);
                       else
                         std::memset(cell, 0, bytes);
                     }
                   }
                 });
  }
  int64_t rows_, taps_, stride_;
  bool reversed_, needed_;
  Workspace memory_;

 public:
  const float* data;
};

// The weights in the primitive's format.
class PackedWeights final : public KeptWeights {
 public:
  PackedWeights(Context& context, const PreparedConvolution& prepared, const ConvolutionProblem& t, ConstView w)
      : format_(prepared.weights), memory_(context, format_.get_size()) {
    auto& convolutions = context.state<Convolutions>();
    memory = convolutions.memory(format_, memory_.as<char>());
    if (prepared.format.block > 0) {
      pack_weights(context, w, t.rotated, prepared.format, t.x, memory_.as<char>());
      return;
    }
    OurWeights ours(context, t, w);
    run(context, prepared.reorder, prepared.reorder_scratchpad,
        {{DNNL_ARG_FROM, convolutions.memory(prepared.our_weights, ours.data)}, {DNNL_ARG_TO, memory}});
  }

 private:
  dnnl::memory::desc format_;
  Workspace memory_;

 public:
  dnnl::memory memory;
};

// The cache's weights, if this primitive can read them.
std::shared_ptr<PackedWeights> packed_weights(Context& context, const PreparedConvolution& prepared,
                                              const ConvolutionProblem& problem, ConstView w, WeightsCache* cache) {
  return kept_weights<PackedWeights>(
      cache, [&] { return std::make_shared<PackedWeights>(context, prepared, problem, w); },
      [&](const PackedWeights& kept) { return kept.memory.get_desc() == prepared.weights; });
}

void require_our_weights(ConstView w) {
  if (w.dtype != DType::f32 || !w.whole())
    throw ShapeError("conv2d expects f32 weights, whole, got {}", name_of(w.dtype));
}

}  // namespace

void conv2d_forward(Context& context, ConstView x, ConstView w, ConstView bias, View y, const Conv2dParams& asked) {
  if (y.elements() == 0) return;
  require_our_weights(w);
  OnednnThreads threads(context);
  Conv2dParams params = asked;
  DType dtype = computed_type(context, x.dtype);
  Dense input(context, x, dtype);
  Bordered bordered(context, input.view, params);
  DenseResult result(context, y, dtype);
  ConvolutionProblem problem = problem_of(Conv2dPass::forward, bordered.view, w.shape, result.view, params);
  problem.bias = !bias.empty();
  problem.relu = params.relu;
  auto& convolutions = context.state<Convolutions>();
  const PreparedConvolution& prepared = convolutions.find(context, problem);
  auto weights = packed_weights(context, prepared, problem, w, params.cache);
  Padded padded_bias(context, bias, problem.k, problem.bias && problem.k != w.n());
  Arguments arguments{{DNNL_ARG_SRC, convolutions.memory(prepared.x, bordered.view.data)},
                      {DNNL_ARG_WEIGHTS, weights->memory},
                      {DNNL_ARG_DST, convolutions.memory(prepared.y, result.view.data)}};
  if (problem.bias) arguments[DNNL_ARG_BIAS] = convolutions.memory(prepared.bias, padded_bias.data);
  run(context, prepared.convolution, prepared.scratchpad, std::move(arguments));
  result.store();
}

void conv2d_backward_input(Context& context, ConstView grad_y, ConstView w, View grad_x, const Conv2dParams& asked) {
  if (grad_x.elements() == 0) return;
  require_our_weights(w);
  OnednnThreads threads(context);
  Conv2dParams params = asked;
  DType dtype = computed_type(context, grad_y.dtype);
  Dense upstream(context, grad_y, dtype);
  DenseResult result(context, grad_x, has_border(params) ? DType::f32 : computed_type(context, grad_x.dtype));
  BorderedResult bordered(context, result.view, params);

  ConvolutionProblem problem = input_problem_of(bordered.view, w.shape, upstream.view, params);
  auto& convolutions = context.state<Convolutions>();
  const PreparedConvolution& prepared = convolutions.find(context, problem);
  PackedWeights weights(context, prepared, problem, w);
  const auto &from = problem.rotated ? prepared.x : prepared.y, &to = problem.rotated ? prepared.y : prepared.x;
  run(context, prepared.convolution, prepared.scratchpad,
      {{problem.rotated ? DNNL_ARG_SRC : DNNL_ARG_DIFF_DST, convolutions.memory(from, upstream.view.data)},
       {DNNL_ARG_WEIGHTS, weights.memory},
       {problem.rotated ? DNNL_ARG_DST : DNNL_ARG_DIFF_SRC, convolutions.memory(to, bordered.view.data)}});
  bordered.store();
  result.store();
}

void conv2d_backward_weight(Context& context, ConstView x, ConstView grad_y, View grad_w, const Conv2dParams& asked) {
  require_our_weights(grad_w);
  if (grad_y.elements() == 0) return fill_zero(context, grad_w);
  OnednnThreads threads(context);
  Conv2dParams params = asked;
  DType dtype = computed_type(context, x.dtype);
  Dense input(context, x, dtype), upstream(context, grad_y, dtype);
  Bordered bordered(context, input.view, params);
  ConvolutionProblem problem =
      problem_of(Conv2dPass::backward_weight, bordered.view, grad_w.shape, upstream.view, params);
  auto& convolutions = context.state<Convolutions>();
  const PreparedConvolution& prepared = convolutions.find(context, problem);

  bool padded_rows = problem.k != grad_w.n();
  Workspace packed(context, prepared.weights.get_size());
  Workspace rows(context, padded_rows ? prepared.our_weights.get_size() : 0);
  dnnl::memory gradient = convolutions.memory(prepared.weights, packed.as<char>());
  run(context, prepared.convolution, prepared.scratchpad,
      {{DNNL_ARG_SRC, convolutions.memory(prepared.x, bordered.view.data)},
       {DNNL_ARG_DIFF_DST, convolutions.memory(prepared.y, upstream.view.data)},
       {DNNL_ARG_DIFF_WEIGHTS, gradient}});
  void* target = padded_rows ? rows.as<void>() : grad_w.data;
  run(context, prepared.reorder, prepared.reorder_scratchpad,
      {{DNNL_ARG_FROM, gradient}, {DNNL_ARG_TO, convolutions.memory(prepared.our_weights, target)}});
  if (padded_rows) std::memcpy(grad_w.data, target, static_cast<size_t>(grad_w.storage_elements()) * sizeof(float));
  if (grad_w.c() % 8 != 0) zero_pad_lanes(context, grad_w);
}

std::string conv2d_implementation(Context& context, Conv2dPass pass, const Shape& x, const Shape& w,
                                  const Conv2dParams& params, DType dtype) {
  Shape y = conv2d_output_shape(x, w, params);
  auto owner = [&](const Shape& shape) {
    int64_t stride = owner_pixel_stride(shape);
    return ConstView{nullptr, computed_type(context, dtype), shape, stride, stride};
  };
  OnednnThreads threads(context);
  ConvolutionProblem problem = pass == Conv2dPass::backward_input ? input_problem_of(owner(x), w, owner(y), params)
                                                                  : problem_of(pass, owner(x), w, owner(y), params);
  return context.state<Convolutions>().find(context, problem).implementation;
}

std::string convolutions() {
  const dnnl_version_t* version = dnnl::version();
  return fmt::format("oneDNN {}.{}.{}", version->major, version->minor, version->patch);
}

}  // namespace cuunet::onednn
