#include "layers/nn/batch_norm2d.h"

#include "autograd/ops/norm.h"
#include "layers/module/initialise.h"

#include <cmath>

namespace cuunet {

BatchNorm2d::BatchNorm2d(const Placement& placement, const BatchNorm2dOptions& options)
    : Module(placement),
      options_(options),
      weight_(add_parameter("weight", {options.channels})),
      bias_(add_parameter("bias", {options.channels})),
      running_mean_(add_buffer("running_mean", {options.channels})),
      running_var_(add_buffer("running_var", {options.channels})),
      batches_(add_buffer("num_batches_tracked", {}, DType::i64)) {}

void BatchNorm2d::initialise(uint64_t) {
  Tensor weight = weight_.var.value(), bias = bias_.var.value();
  fill_constant(weight, 1);
  fill_constant(bias, options_.initial_bias);
  fill_constant(running_mean_, 0);
  fill_constant(running_var_, 1);
  fill_constant(batches_, 0);
}

void BatchNorm2d::set_affine_trainable(bool trainable) {
  weight_.set_trainable(trainable);
  bias_.set_trainable(trainable);
}

BatchNorm2d::Affine BatchNorm2d::eval_affine() const {
  std::vector<double> scale = weight_.var.value().to_host(), shift = bias_.var.value().to_host();
  std::vector<double> mean = running_mean_.to_host(), variance = running_var_.to_host();
  for (size_t c = 0; c < scale.size(); ++c) {
    scale[c] /= std::sqrt(variance[c] + BatchNormParams{}.eps);
    shift[c] -= mean[c] * scale[c];
  }
  return {scale, shift};
}

BatchNormParams BatchNorm2d::next_batch() {
  if (!training()) return {};
  // Read only when others have written it: reading waits for all kernels of a GPU.
  if (batches_.version() != counted_at_) count_ = batches_.item();
  batches_.assign(std::vector<double>{++count_});
  counted_at_ = batches_.version();
  return {.training = true};
}

Var BatchNorm2d::forward(const Var& x) {
  return batch_norm(x, weight_.var, bias_.var, running_mean_, running_var_, next_batch());
}

Var BatchNorm2d::with_relu(const Var& x) {
  return call(x, [&] { return batch_norm_relu(x, weight_.var, bias_.var, running_mean_, running_var_, next_batch()); });
}

UnetSkip BatchNorm2d::before_join(const Var& x) {
  return {x, weight_.var, bias_.var, running_mean_, running_var_, next_batch()};
}

}  // namespace cuunet
