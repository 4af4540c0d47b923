#include "autograd/ops/resample.h"

namespace cuunet {

Var interpolate(const Var& x, int64_t height, int64_t width, Interpolation kind) {
  Var y(Tensor::empty(x.context(), interpolate_shape(x.shape(), height, width), x.dtype()));
  interpolate_forward(x.context(), x.view(), y.view(), kind);
  record("interpolate", {x}, y,
         [kind](Gradients& g) { interpolate_backward(g.context(), g.of_output(), g.wanted(0), kind); });
  return y;
}

Var pad2d(const Var& x, const PadParams& params) {
  Var y(Tensor::empty(x.context(), pad_shape(x.shape(), params), x.dtype()));
  pad_forward(x.context(), x.view(), y.view(), params);
  record("pad2d", {x}, y, [params](Gradients& g) { pad_backward(g.context(), g.of_output(), g.wanted(0), params); });
  return y;
}

}  // namespace cuunet
