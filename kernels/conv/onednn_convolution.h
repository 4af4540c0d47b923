// oneDNN's convolution primitives, prepared: the one place that knows how its versions 2.x and 3.x differ.
// Feature maps are dense NHWC with the padded channel count as the logical one; weights as the primitive likes them,
// with a reorder from (or to) ours, f32 [K padded, R, S, C padded].
#pragma once

#include "kernels/conv/conv2d.h"
#include "kernels/conv/pack_weights.h"
#include "kernels/device/dtype.h"

#include <oneapi/dnnl/dnnl.hpp>

#include <array>
#include <map>
#include <string>

namespace cuunet {

// All that distinguishes one primitive from another. x: [N, C, H, W], w: [K, C, R, S], y: [N, K, P, Q]; C and K padded.
struct ConvolutionProblem {
  Conv2dPass pass = Conv2dPass::forward;
  int64_t n = 0, c = 0, h = 0, w = 0, k = 0, r = 0, s = 0, p = 0, q = 0, stride = 1, padding = 0;
  DType x = DType::f32, y = DType::f32;  // storage of the two feature maps or their gradients
  bool bias = false, relu = false;
  bool rotated = false;  // our weights are [C, R, S, K], taps already in reverse: a forward pass that is a gradient

  auto operator<=>(const ConvolutionProblem&) const = default;
};

struct PreparedConvolution {
  dnnl::primitive convolution;
  dnnl::reorder reorder;  // of the weights: ours to the primitive's; for backward_weight, the primitive's to ours
  dnnl::memory::desc x, y, bias, weights, our_weights, scratchpad, reorder_scratchpad;
  BlockedWeights format;       // of `weights`, where pack_weights knows it
  std::string implementation;  // as oneDNN names it: "brgconv:avx512_core"
};

// The primitives of one Context, made at first use.
class Convolutions {
 public:
  const PreparedConvolution& find(const Context&, const ConvolutionProblem&);
  dnnl::memory memory(const dnnl::memory::desc& desc, const void* data) const {
    return dnnl::memory(desc, engine_, const_cast<void*>(data));
  }
  void execute(const dnnl::primitive& primitive, const std::unordered_map<int, dnnl::memory>& arguments) {
    primitive.execute(stream_, arguments);
  }

 private:
  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  std::map<ConvolutionProblem, PreparedConvolution> prepared_;
};

// For the length of a scope, oneDNN runs on the context's threads. It takes its number from OpenMP's.
class OnednnThreads {
 public:
  explicit OnednnThreads(const Context&);
  ~OnednnThreads();
  OnednnThreads(const OnednnThreads&) = delete;
  OnednnThreads& operator=(const OnednnThreads&) = delete;

 private:
  int before_;
};

}  // namespace cuunet
