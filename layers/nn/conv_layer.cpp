#include "layers/nn/conv_layer.h"

#include "autograd/ops/activation.h"
#include "autograd/ops/arithmetic.h"
#include "layers/nn/batch_norm2d.h"
#include "layers/nn/self_attention.h"

#include <array>

namespace cuunet {
namespace {

constexpr std::array<const char*, 5> norm_names{"omitted", "none", "batch", "weight", "spectral"};

WeightNorm weight_norm_of(NormType norm) {
  if (norm == NormType::weight) return WeightNorm::weight;
  if (norm == NormType::spectral) return WeightNorm::spectral;
  return WeightNorm::none;
}

}  // namespace

const char* name_of(NormType norm) { return norm_names[static_cast<size_t>(norm)]; }

NormType norm_type_named(const std::string& name) {
  for (size_t i = 0; i < norm_names.size(); ++i) {
    if (name == norm_names[i]) return static_cast<NormType>(i);
  }
  throw UsageError("norm_type takes omitted, none, batch, weight or spectral, got '{}'", name);
}

ConvLayer::ConvLayer(const Placement& placement, const ConvLayerOptions& options)
    : Sequential(placement), activation_(options.activation) {
  bool batch = options.norm == NormType::batch || options.norm == NormType::omitted || options.extra_bn;
  convolution_ = &append<Conv2d>(Conv2dOptions{.in = options.in,
                                               .out = options.out,
                                               .kernel = options.kernel,
                                               .padding = (options.kernel - 1) / 2,
                                               .bias = !batch,
                                               .norm = weight_norm_of(options.norm)});
  if (options.activation) append<ReLU>();
  if (batch) append<BatchNorm2d>(BatchNorm2dOptions{options.out});
  if (options.self_attention) append<SelfAttention>(options.out);
}

Var ConvLayer::forward(const Var& x) {
  Var y = activation_ ? convolution_->with_relu(x) : (*convolution_)(x);
  for (size_t i = activation_ ? 2 : 1; i < size(); ++i) y = (*this)[i](y);
  return y;
}

Var ConvLayer::with_relu(const Var& x) { return size() == 1 ? convolution_->with_relu(x) : relu((*this)(x)); }

ResBlock::ResBlock(const Placement& placement, const ResBlockOptions& options)
    : Module(placement), layers_(add<Sequential>("layers")) {
  layers_.append<ConvLayer>(ConvLayerOptions{.in = options.channels, .out = options.inner, .norm = options.norm});
  layers_.append<ConvLayer>(ConvLayerOptions{.in = options.inner, .out = options.channels, .norm = options.norm});
}

Var ResBlock::forward(const Var& x) { return cuunet::add(x, layers_(x)); }

}  // namespace cuunet
