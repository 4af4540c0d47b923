#include "kernels/conv/onednn_convolution.h"

#include "kernels/device/error.h"

#include <omp.h>

namespace cuunet {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;

constexpr size_t most_prepared = 1024;  // primitives hold generated code, some 100 KB each

// oneDNN takes the limit once per process, before its first primitive: the first context's counts.
void limit_isa(Isa isa) {
  [[maybe_unused]] static const bool limited = [isa] {
    if (isa == Isa::baseline) dnnl::set_max_cpu_isa(dnnl::cpu_isa::sse41);
    if (isa == Isa::avx2) dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx2);
    return true;
  }();
}

memory::data_type type_of(DType dtype) {
  return dtype == DType::bf16 ? memory::data_type::bf16 : memory::data_type::f32;
}

dnnl::primitive_attr attributes(bool relu) {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (relu) {
    dnnl::post_ops after;
#if DNNL_VERSION_MAJOR >= 3
    after.append_eltwise(dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
#else
    after.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
#endif
    attributes.set_post_ops(after);
  }
  return attributes;
}

// The descriptors a primitive is asked for: weights in any format.
struct Wanted {
  explicit Wanted(const ConvolutionProblem& t)
      : x({t.n, t.c, t.h, t.w}, type_of(t.x), Tag::nhwc),
        y({t.n, t.k, t.p, t.q}, type_of(t.y), Tag::nhwc),
        weights({t.k, t.c, t.r, t.s},
                t.pass == Conv2dPass::backward_weight ? memory::data_type::f32
                                                      : type_of(t.pass == Conv2dPass::forward ? t.x : t.y),
                Tag::any),
        strides{t.stride, t.stride},
        before{t.padding, t.padding},
        after{(t.p - 1) * t.stride + t.r - t.h - t.padding, (t.q - 1) * t.stride + t.s - t.w - t.padding} {
    if (t.bias) bias = memory::desc({t.k}, memory::data_type::f32, Tag::x);
  }
  memory::desc x, y, weights, bias;
  memory::dims strides, before, after;
};

constexpr auto direct = dnnl::algorithm::convolution_direct;

dnnl::convolution_forward::primitive_desc forward_desc(const dnnl::engine& engine, const ConvolutionProblem& t,
                                                       const Wanted& m) {
  constexpr auto kind = dnnl::prop_kind::forward_training;
#if DNNL_VERSION_MAJOR >= 3
  return {engine, kind, direct, m.x, m.weights, m.bias, m.y, m.strides, m.before, m.after, attributes(t.relu)};
#else
  return {{kind, direct, m.x, m.weights, m.bias, m.y, m.strides, m.before, m.after}, attributes(t.relu), engine};
#endif
}

dnnl::convolution_backward_data::primitive_desc input_desc(const dnnl::engine& engine, const Wanted& m,
                                                           const dnnl::convolution_forward::primitive_desc& hint) {
#if DNNL_VERSION_MAJOR >= 3
  return {engine, direct, m.x, m.weights, m.y, m.strides, m.before, m.after, hint, attributes(false)};
#else
  return {{direct, m.x, m.weights, m.y, m.strides, m.before, m.after}, attributes(false), engine, hint};
#endif
}

dnnl::convolution_backward_weights::primitive_desc weight_desc(const dnnl::engine& engine, const Wanted& m,
                                                               const dnnl::convolution_forward::primitive_desc& hint) {
#if DNNL_VERSION_MAJOR >= 3
  return {engine, direct, m.x, m.weights, m.y, m.strides, m.before, m.after, hint, attributes(false)};
#else
  return {{direct, m.x, m.weights, m.y, m.strides, m.before, m.after}, attributes(false), engine, hint};
#endif
}

// The forward primitive that the gradients ask for as a hint has x's, w's and y's types of an ordinary forward.
dnnl::convolution_forward::primitive_desc hint_for(const dnnl::engine& engine, ConvolutionProblem t) {
  t.pass = Conv2dPass::forward;
  if (t.y == DType::bf16) t.x = DType::bf16;
  return forward_desc(engine, t, Wanted(t));
}

template <class Primitive, class Desc>
void take(PreparedConvolution& prepared, const Desc& desc) {
  prepared.convolution = Primitive(desc);
  prepared.scratchpad = desc.scratchpad_desc();
  prepared.implementation = desc.impl_info_str();
}

memory::desc our_weights(const ConvolutionProblem& t) {
  memory::dims shape{t.k, t.c, t.r, t.s}, rotated{1, t.r * t.s * t.k, t.s * t.k, t.k};
  if (t.rotated) return memory::desc(shape, memory::data_type::f32, rotated);
  return memory::desc(shape, memory::data_type::f32, Tag::ohwi);
}

BlockedWeights format_of(const memory::desc& desc, const ConvolutionProblem& t) {
#if DNNL_VERSION_MAJOR >= 3
  if (desc.get_format_kind() != memory::format_kind::blocked) return {};
  memory::dims strides = desc.get_strides(), padded = desc.get_padded_dims(), blocks = desc.get_inner_blks(),
               dimensions = desc.get_inner_idxs();
#else
  if (desc.data.format_kind != dnnl_blocked || desc.data.extra.flags != 0) return {};
  const auto& blocking = desc.data.format_desc.blocking;
  memory::dims strides(blocking.strides, blocking.strides + 4),
      padded(desc.data.padded_dims, desc.data.padded_dims + 4),
      blocks(blocking.inner_blks, blocking.inner_blks + blocking.inner_nblks),
      dimensions(blocking.inner_idxs, blocking.inner_idxs + blocking.inner_nblks);
#endif
  bool known = t.x == DType::bf16 ? dimensions == memory::dims{0, 1} && blocks[1] == 2 : dimensions == memory::dims{0};
  if (!known) return {};
  return {.block = blocks[0],
          .out = padded[0],
          .in = padded[1],
          .r = t.r,
          .s = t.s,
          .out_stride = strides[0],
          .in_stride = strides[1],
          .r_stride = strides[2],
          .s_stride = strides[3]};
}

PreparedConvolution prepare(const dnnl::engine& engine, const ConvolutionProblem& t) {
  Wanted wanted(t);
  PreparedConvolution prepared;
  prepared.x = wanted.x;
  prepared.y = wanted.y;
  prepared.bias = wanted.bias;
  prepared.our_weights = our_weights(t);
  switch (t.pass) {
    case Conv2dPass::forward: {
      auto desc = forward_desc(engine, t, wanted);
      take<dnnl::convolution_forward>(prepared, desc);
      prepared.weights = desc.weights_desc();
      prepared.format = format_of(prepared.weights, t);
      break;
    }
    case Conv2dPass::backward_input: {
      auto desc = input_desc(engine, wanted, hint_for(engine, t));
      take<dnnl::convolution_backward_data>(prepared, desc);
      prepared.weights = desc.weights_desc();
      break;
    }
    case Conv2dPass::backward_weight: {
      auto desc = weight_desc(engine, wanted, hint_for(engine, t));
      take<dnnl::convolution_backward_weights>(prepared, desc);
      prepared.weights = desc.diff_weights_desc();
      break;
    }
  }
  bool gradient = t.pass == Conv2dPass::backward_weight;
  const memory::desc &from = gradient ? prepared.weights : prepared.our_weights,
                     &to = gradient ? prepared.our_weights : prepared.weights;
  dnnl::reorder::primitive_desc reorder(engine, from, engine, to, attributes(false));
  prepared.reorder = dnnl::reorder(reorder);
  prepared.reorder_scratchpad = reorder.scratchpad_desc();
  return prepared;
}

}  // namespace

const PreparedConvolution& Convolutions::find(const Context& context, const ConvolutionProblem& problem) {
  auto found = prepared_.find(problem);
  if (found != prepared_.end()) return found->second;
  limit_isa(context.isa());
  if (prepared_.size() >= most_prepared) prepared_.clear();
  try {
    return prepared_.emplace(problem, prepare(engine_, problem)).first->second;
  } catch (const dnnl::error& error) {
    throw Error("oneDNN cannot convolve [{}, {}, {}, {}] by [{}, {}, {}, {}] in {}: {}", problem.n, problem.c,
                problem.h, problem.w, problem.k, problem.c, problem.r, problem.s, name_of(problem.x), error.what());
  }
}

OnednnThreads::OnednnThreads(const Context& context) : before_(omp_get_max_threads()) {
  omp_set_num_threads(context.threads());
}
OnednnThreads::~OnednnThreads() { omp_set_num_threads(before_); }

}  // namespace cuunet
