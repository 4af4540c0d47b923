#include "autograd/ops/attention.h"

#include "kernels/attention/softmax.h"

namespace cuunet {

Var softmax(const Var& x, int dim) {
  require_softmax(x.shape(), dim);
  Var y(Tensor::empty(x.context(), x.shape(), x.dtype()));
  softmax_forward(x.context(), x.view(), y.view(), dim);
  record("softmax", {x}, y, [y = save(y), dim](Gradients& g) {
    softmax_backward(g.context(), y.view(), g.of_output(), g.wanted(0), dim);
  });
  return y;
}

}  // namespace cuunet
