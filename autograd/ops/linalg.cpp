#include "autograd/ops/linalg.h"

#include "kernels/linalg/gram.h"
#include "kernels/linalg/linear.h"

namespace cuunet {

Var matmul(const Var& a, const Var& b, const MatmulParams& params) {
  Context& context = a.context();
  Var y(Tensor::empty(context, matmul_output_shape(a.shape(), b.shape(), params), a.dtype()));
  matmul_forward(context, a.view(), b.view(), y.view(), params);
  record("matmul", {a, b}, y, [a = save(a), b = save(b), params](Gradients& g) {
    auto [a_transposed, b_transposed] = params;
    if (g.needs(0)) {  // grad op(a) = grad_y · op(b)ᵀ
      if (a_transposed)
        matmul_forward(g.context(), b.view(), g.of_output(), g.wanted(0), {b_transposed, true});
      else
        matmul_forward(g.context(), g.of_output(), b.view(), g.wanted(0), {false, !b_transposed});
    }
    if (g.needs(1)) {  // grad op(b) = op(a)ᵀ · grad_y
      if (b_transposed)
        matmul_forward(g.context(), g.of_output(), a.view(), g.wanted(1), {true, a_transposed});
      else
        matmul_forward(g.context(), a.view(), g.of_output(), g.wanted(1), {!a_transposed, false});
    }
  });
  return y;
}

Var linear(const Var& x, const Var& w, const Var& bias) {
  Context& context = x.context();
  Var y(Tensor::empty(context, linear_output_shape(x.shape(), w.shape(), bias.view()), x.dtype()));
  linear_forward(context, x.view(), w.view(), bias.view(), y.view());
  record("linear", {x, w, bias}, y, [x = save(x), w = save(w)](Gradients& g) {
    if (g.needs(0)) linear_backward_input(g.context(), g.of_output(), w.view(), g.wanted(0));
    if (g.needs(1) || g.needs(2)) {
      linear_backward_weight(g.context(), x.view(), g.of_output(), g.wanted(1), g.wanted(2));
    }
  });
  return y;
}

Var gram(const Var& x) {
  if (x.shape().rank() != 4) throw ShapeError("gram expects [N, C, H, W], got {}", x.shape().text());
  int64_t channels = x.shape()[1];
  DType dtype = x.dtype() == DType::f64 ? DType::f64 : DType::f32;
  Var y(Tensor::empty(x.context(), {x.shape()[0], channels, channels}, dtype));
  gram_forward(x.context(), x.view(), y.view());
  record("gram", {x}, y,
         [x = save(x)](Gradients& g) { gram_backward(g.context(), x.view(), g.of_output(), g.wanted(0)); });
  return y;
}

}  // namespace cuunet
