#include "layers/nn/conv_transpose2d.h"

#include "autograd/ops/conv.h"
#include "autograd/ops/resample.h"

namespace cuunet {

ConvTranspose2d::ConvTranspose2d(const Placement& placement, const ConvTranspose2dOptions& options)
    : Module(placement),
      options_(options),
      weight_(add_parameter("weight", {options.in, options.out, options.kernel, options.kernel})) {
  if (options.bias) bias_ = &add_parameter("bias", {options.out});
}

// A kernel with rows and columns of zeros at its end reaches as far as output_padding asks.
Var ConvTranspose2d::forward(const Var& x) {
  Var weight = weight_.var;
  if (int more = options_.output_padding; more > 0) {
    weight = pad2d(weight, {.left = 0, .right = more, .top = 0, .bottom = more, .mode = PaddingMode::zeros});
  }
  return conv_transpose2d(x, weight, bias_ != nullptr ? bias_->var : Var(),
                          {.stride = options_.stride, .padding = options_.padding});
}

}  // namespace cuunet
