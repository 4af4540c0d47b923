#include "autograd/ops/pool.h"

#include "kernels/pool/blur.h"

namespace cuunet {

Var max_pool2d(const Var& x, const MaxPoolParams& params, Tensor* indices) {
  Context& context = x.context();
  Var y(Tensor::empty(context, max_pool2d_shape(x.shape(), params), x.dtype()));
  bool wanted = indices != nullptr || (Recording::active() && x.requires_grad());
  Tensor positions = wanted ? Tensor::empty(context, y.shape(), DType::u8) : Tensor();
  max_pool2d_forward(context, x.view(), y.view(), positions.view(), params);
  if (indices != nullptr) {
    *indices = Tensor::empty(context, y.shape(), DType::i64);
    max_pool2d_indices(context, positions.view(), indices->view(), x.shape()[3], params);
  }
  record("max_pool2d", {x}, y, params, [positions, params](Gradients& g) {
    max_pool2d_backward(g.context(), positions.view(), g.of_output(), g.wanted(0), params);
  });
  return y;
}

Var avg_pool2d(const Var& x, const AvgPoolParams& params) {
  Var y(Tensor::empty(x.context(), avg_pool2d_shape(x.shape(), params), x.dtype()));
  avg_pool2d_forward(x.context(), x.view(), y.view(), params);
  record("avg_pool2d", {x}, y,
         [params](Gradients& g) { avg_pool2d_backward(g.context(), g.of_output(), g.wanted(0), params); });
  return y;
}

Var blur(const Var& x) {
  Var y(Tensor::empty(x.context(), x.shape(), x.dtype()));
  blur_forward(x.context(), x.view(), y.view());
  record("blur", {x}, y, [](Gradients& g) { blur_backward(g.context(), g.of_output(), g.wanted(0)); });
  return y;
}

}  // namespace cuunet
