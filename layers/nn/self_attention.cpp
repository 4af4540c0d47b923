#include "layers/nn/self_attention.h"

#include "autograd/ops/attention.h"
#include "autograd/ops/weight_norms.h"
#include "layers/module/initialise.h"

#include <cmath>

namespace cuunet {

SpectralConv1d::SpectralConv1d(const Placement& placement, const Options& options)
    : Module(placement),
      weight_(add_parameter("weight_orig", {options.out, options.in, 1})),
      u_(add_buffer("weight_u", {options.out})),
      v_(add_buffer("weight_v", {options.in})) {}

void SpectralConv1d::initialise(uint64_t seed) {
  Tensor weight = weight_.var.value();
  fill_normal(weight, std::sqrt(2.0 / static_cast<double>(weight.shape()[1])), seed, path() + ".weight");
  fill_unit(u_, seed, path() + ".weight_u");
  fill_unit(v_, seed, path() + ".weight_v");
}

void SpectralConv1d::iterate_spectral_norm(int n) {
  NoGrad no_grad;
  for (int i = 0; i < n; ++i) spectral_norm(weight_.var, u_, v_, {.training = true});
}

Var SpectralConv1d::effective_weight() { return spectral_norm(weight_.var, u_, v_, {.training = training()}); }

SelfAttention::SelfAttention(const Placement& placement, int64_t channels)
    : Module(placement),
      gamma_(add_parameter("gamma", {1})),
      query_(add<SpectralConv1d>("query", SpectralConv1d::Options{channels, channels / 8})),
      key_(add<SpectralConv1d>("key", SpectralConv1d::Options{channels, channels / 8})),
      value_(add<SpectralConv1d>("value", SpectralConv1d::Options{channels, channels})) {}

void SelfAttention::initialise(uint64_t seed) {
  Module::initialise(seed);
  Tensor gamma = gamma_.var.value();
  fill_constant(gamma, 0);
}

Var SelfAttention::forward(const Var& x) {
  return self_attention(x, query_.effective_weight(), key_.effective_weight(), value_.effective_weight(), gamma_.var);
}

}  // namespace cuunet
