#include "layers/nn/linear.h"

#include "autograd/ops/linalg.h"
#include "layers/module/initialise.h"

namespace cuunet {

Linear::Linear(const Placement& placement, const LinearOptions& options)
    : Module(placement),
      weight_(add_parameter("weight", {options.out, options.in})),
      bias_(add_parameter("bias", {options.out})) {}

void Linear::initialise(uint64_t seed) {
  Tensor weight = weight_.var.value(), bias = bias_.var.value();
  fill_normal(weight, 0.01, seed, path() + ".weight");
  fill_constant(bias, 0);
}

Var Linear::forward(const Var& x) { return linear(x, weight_.var, bias_.var); }

}  // namespace cuunet
