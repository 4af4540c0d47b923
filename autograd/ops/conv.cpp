#include "autograd/ops/conv.h"

#include "kernels/activation/relu.h"
#include "kernels/conv/conv1d.h"

namespace cuunet {

Var conv2d(const Var& x, const Var& w, const Var& bias, const Conv2dParams& params) {
  Context& context = x.context();
  Var y(Tensor::empty(context, conv2d_output_shape(x.shape(), w.shape(), params), x.dtype()));
  conv2d_forward(context, x.view(), w.view(), bias.view(), y.view(), params);
  Saved rectified = params.relu ? save(y) : Saved(Tensor{});
  Conv2dParams kept = params;
  kept.cache = nullptr;  // its owner may be gone by then
  record("conv2d", {x, w, bias}, y, params, [x = save(x), w = save(w), rectified, params = kept](Gradients& g) {
    Tensor grad_y = g.of_output_tensor().contiguous();
    if (params.relu) {
      Tensor masked = Tensor::empty(g.context(), grad_y.shape(), grad_y.dtype());
      relu_backward(g.context(), rectified.view(), grad_y.view(), masked.view());
      grad_y = masked;
    }
    if (g.needs(0)) conv2d_backward_input(g.context(), grad_y.view(), w.view(), g.wanted(0), params);
    if (g.needs(1) || g.needs(2)) {
      conv2d_backward_weight(g.context(), x.view(), grad_y.view(), g.wanted(1), g.wanted(2), params);
    }
  });
  return y;
}

Var conv_transpose2d(const Var& x, const Var& w, const Var& bias, const ConvTranspose2dParams& params) {
  Context& context = x.context();
  Var y(Tensor::empty(context, conv_transpose2d_output_shape(x.shape(), w.shape(), params), x.dtype()));
  conv_transpose2d_forward(context, x.view(), w.view(), bias.view(), y.view(), params);
  record("conv_transpose2d", {x, w, bias}, y, params, [x = save(x), w = save(w), params](Gradients& g) {
    Tensor grad_y = g.of_output_tensor().contiguous();
    if (g.needs(0)) conv_transpose2d_backward_input(g.context(), grad_y.view(), w.view(), g.wanted(0), params);
    if (g.needs(1) || g.needs(2)) {
      conv_transpose2d_backward_weight(g.context(), x.view(), grad_y.view(), g.wanted(1), g.wanted(2), params);
    }
  });
  return y;
}

Var conv1d(const Var& x, const Var& w, const Var& bias) {
  Context& context = x.context();
  Var y(Tensor::empty(context, conv1d_output_shape(x.shape(), w.shape(), bias.view()), x.dtype()));
  conv1d_forward(context, x.view(), w.view(), bias.view(), y.view());
  record("conv1d", {x, w, bias}, y, [x = save(x), w = save(w)](Gradients& g) {
    if (g.needs(0)) conv1d_backward_input(g.context(), g.of_output(), w.view(), g.wanted(0));
    if (g.needs(1) || g.needs(2)) {
      conv1d_backward_weight(g.context(), x.view(), g.of_output(), g.wanted(1), g.wanted(2));
    }
  });
  return y;
}

}  // namespace cuunet
