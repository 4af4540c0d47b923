#include "autograd/ops/activation.h"

#include "kernels/activation/relu.h"

namespace cuunet {

Var relu(const Var& x) {
  Var y(Tensor::empty(x.context(), x.shape(), x.dtype()));
  relu_forward(x.context(), x.view(), y.view());
  record("relu", {x}, y,
         [y = save(y)](Gradients& g) { relu_backward(g.context(), y.view(), g.of_output(), g.wanted(0)); });
  return y;
}

}  // namespace cuunet
