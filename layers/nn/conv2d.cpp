#include "layers/nn/conv2d.h"

#include "autograd/ops/conv.h"
#include "autograd/ops/weight_norms.h"

#include <cmath>

namespace cuunet {
namespace {

const Var none;

}  // namespace

// Registration order is the original's: weight norm and spectral norm take `weight` out and append their own.
Conv2d::Conv2d(const Placement& placement, const Conv2dOptions& options) : Module(placement), options_(options) {
  int64_t k = options.kernel;
  Shape shape{options.out, options.in, k, k};
  if (options.norm == WeightNorm::none) weight_ = &add_parameter("weight", shape);
  if (options.bias) bias_ = &add_parameter("bias", {options.out});
  if (options.norm == WeightNorm::weight) {
    gain_ = &add_parameter("weight_g", {options.out, 1, 1, 1});
    weight_ = &add_parameter("weight_v", shape);
  }
  if (options.norm == WeightNorm::spectral) {
    weight_ = &add_parameter("weight_orig", shape);
    u_ = &add_buffer("weight_u", {options.out});
    v_ = &add_buffer("weight_v", {options.in * k * k});
  }
}

void Conv2d::initialise(uint64_t seed) {
  Tensor weight = weight_->var.value();
  kaiming_normal(weight, options_.initial_fan, seed, path() + ".weight");
  if (gain_ != nullptr) {
    std::vector<double> v = weight.to_host(), g(static_cast<size_t>(options_.out));
    size_t row = v.size() / g.size();
    for (size_t i = 0; i < v.size(); ++i) g[i / row] += v[i] * v[i];
    for (double& value : g) value = std::sqrt(value);
    Tensor gain = gain_->var.value();
    gain.assign(g);
  }
  if (bias_ != nullptr) {
    Tensor bias = bias_->var.value();
    fill_constant(bias, 0);
  }
  if (u_ != nullptr) {
    fill_unit(*u_, seed, path() + ".weight_u");
    fill_unit(*v_, seed, path() + ".weight_v");
  }
}

void Conv2d::initialise_icnr(uint64_t seed) {
  if (options_.norm == WeightNorm::weight) return;
  int64_t k = options_.kernel;
  Tensor base = Tensor::empty(placement().context, {options_.out / 4, options_.in, k, k}, placement().dtype);
  kaiming_normal(base, Fan::in, seed, path() + ".weight");
  Tensor weight = weight_->var.value();
  icnr(base, weight);
}

void Conv2d::iterate_spectral_norm(int n) {
  if (u_ == nullptr) return;
  NoGrad no_grad;
  for (int i = 0; i < n; ++i) spectral_norm(weight_->var, *u_, *v_, {.training = true});
}

Var Conv2d::effective_weight() {
  if (!weight_is_constant()) return normalise();
  if (int64_t now = state_version(); now != normalised_version_) {
    normalised_ = normalise().value();
    normalised_version_ = now;
    packed_ = {};
  }
  return Var(normalised_);
}

Var Conv2d::normalise() {
  switch (options_.norm) {
    case WeightNorm::none: return weight_->var;
    case WeightNorm::weight: return weight_norm(gain_->var, weight_->var);
    case WeightNorm::spectral: return spectral_norm(weight_->var, *u_, *v_, {.training = training()});
  }
  return {};
}

const Var& Conv2d::bias() const { return bias_ != nullptr ? bias_->var : none; }

Var Conv2d::convolve(const Var& x, bool relu) {
  Var weight = effective_weight();
  return conv2d(x, weight, bias(),
                {.stride = options_.stride,
                 .padding = options_.padding,
                 .padding_mode = options_.padding_mode,
                 .relu = relu,
                 .cache = weight_is_constant() ? &packed_ : nullptr,
                 .winograd = options_.winograd && weight_is_constant()});
}

}  // namespace cuunet
