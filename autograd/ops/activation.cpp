#include "autograd/ops/activation.h"

#include "kernels/activation/leaky_relu.h"
#include "kernels/activation/relu.h"
#include "kernels/activation/sigmoid.h"
#include "kernels/activation/tanh.h"

namespace cuunet {
namespace {

Var empty_like(const Var& x) { return Var(Tensor::empty(x.context(), x.shape(), x.dtype())); }

}  // namespace

Var relu(const Var& x) {
  Var y = empty_like(x);
  relu_forward(x.context(), x.view(), y.view());
  record("relu", {x}, y,
         [y = save(y)](Gradients& g) { relu_backward(g.context(), y.view(), g.of_output(), g.wanted(0)); });
  return y;
}

Var leaky_relu(const Var& x, double slope) {
  Var y = empty_like(x);
  leaky_relu_forward(x.context(), x.view(), y.view(), slope);
  record("leaky_relu", {x}, y, slope, [y = save(y), slope](Gradients& g) {
    leaky_relu_backward(g.context(), y.view(), g.of_output(), g.wanted(0), slope);
  });
  return y;
}

Var sigmoid(const Var& x) { return sigmoid_range(x, 0, 1); }

Var sigmoid_range(const Var& x, double low, double high) {
  Var y = empty_like(x);
  sigmoid_forward(x.context(), x.view(), y.view(), {low, high});
  record("sigmoid", {x}, y, SigmoidBounds{low, high}, [x = save(x), low, high](Gradients& g) {
    sigmoid_backward(g.context(), x.view(), g.of_output(), g.wanted(0), {low, high});
  });
  return y;
}

Var tanh(const Var& x) {
  Var y = empty_like(x);
  tanh_forward(x.context(), x.view(), y.view());
  record("tanh", {x}, y,
         [x = save(x)](Gradients& g) { tanh_backward(g.context(), x.view(), g.of_output(), g.wanted(0)); });
  return y;
}

Var dropout(const Var& x, const DropoutParams& params) {
  Var y = empty_like(x);
  dropout_forward(x.context(), x.view(), y.view(), params);
  record("dropout", {x}, y,
         [params](Gradients& g) { dropout_forward(g.context(), g.of_output(), g.wanted(0), params); });
  return y;
}

Var dropout(const Var& x, const Tensor& mask, double p) {
  Var y = empty_like(x);
  dropout_with_mask(x.context(), x.view(), mask.view(), y.view(), p);
  record("dropout", {x}, y, [mask = save(mask), p](Gradients& g) {
    dropout_with_mask(g.context(), g.of_output(), mask.view(), g.wanted(0), p);
  });
  return y;
}

}  // namespace cuunet
