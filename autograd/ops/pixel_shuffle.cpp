#include "autograd/ops/pixel_shuffle.h"

#include "autograd/ops/pool.h"
#include "kernels/pixel_shuffle/pixel_shuffle.h"
#include "kernels/pixel_shuffle/shuffle_blur.h"

namespace cuunet {

Var pixel_shuffle(const Var& x, int factor) {
  Var y(Tensor::empty(x.context(), pixel_shuffle_shape(x.shape(), factor), x.dtype()));
  pixel_shuffle_forward(x.context(), x.view(), y.view(), factor);
  record("pixel_shuffle", {x}, y, factor,
         [factor](Gradients& g) { pixel_unshuffle_forward(g.context(), g.of_output(), g.wanted(0), factor); });
  return y;
}

Var shuffle_blur(const Var& x) {
  Context& context = x.context();
  if (!shuffle_blur_forward.built_for(context.device())) return blur(pixel_shuffle(x, 2));
  Var y(Tensor::empty(context, pixel_shuffle_shape(x.shape(), 2), x.dtype()));
  shuffle_blur_forward(context, x.view(), y.view());
  record("shuffle_blur", {x}, y, [](Gradients& g) { shuffle_blur_backward(g.context(), g.of_output(), g.wanted(0)); });
  return y;
}

Var pixel_unshuffle(const Var& x, int factor) {
  Var y(Tensor::empty(x.context(), pixel_unshuffle_shape(x.shape(), factor), x.dtype()));
  pixel_unshuffle_forward(x.context(), x.view(), y.view(), factor);
  record("pixel_unshuffle", {x}, y,
         [factor](Gradients& g) { pixel_shuffle_forward(g.context(), g.of_output(), g.wanted(0), factor); });
  return y;
}

}  // namespace cuunet
