#include "layers/nn/convolution_batch_norm.h"

#include "autograd/ops/conv.h"

namespace cuunet {

bool ConvolutionBatchNorm::can_fold() {
  if (batch_norm_.training()) return false;
  return !Recording::active() || !(convolution_.any_trainable() || batch_norm_.any_trainable());
}

void ConvolutionBatchNorm::fold() {
  NoGrad no_grad;
  Tensor weight = convolution_.effective_weight().value();
  BatchNorm2d::Affine affine = batch_norm_.eval_affine();
  std::vector<double> values = weight.to_host(), bias = affine.shift;
  size_t row = values.size() / bias.size();
  for (size_t i = 0; i < values.size(); ++i) values[i] *= affine.scale[i / row];
  if (convolution_.bias().defined()) {
    std::vector<double> own = convolution_.bias().value().to_host();
    for (size_t k = 0; k < bias.size(); ++k) bias[k] += own[k] * affine.scale[k];
  }
  Context& context = weight.context();
  weight_ = Tensor::from_host(context, weight.shape(), weight.dtype(), values);
  bias_ = Tensor::from_host(context, {weight.shape()[0]}, weight.dtype(), bias);
  packed_ = {};
}

Var ConvolutionBatchNorm::operator()(const Var& x, bool relu) {
  if (!can_fold()) {
    Var y = convolution_(x);
    return relu ? batch_norm_.with_relu(y) : batch_norm_(y);
  }
  if (int64_t now = convolution_.state_version() + batch_norm_.state_version(); now != folded_version_) {
    fold();
    folded_version_ = now;
  }
  const Conv2dOptions& options = convolution_.options();
  LayerScope scope(convolution_.path());
  return conv2d(x, Var(weight_), Var(bias_),
                {.stride = options.stride,
                 .padding = options.padding,
                 .relu = relu,
                 .cache = &packed_,
                 .winograd = options.winograd && !Recording::active()});
}

}  // namespace cuunet
