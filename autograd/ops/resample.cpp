#include "autograd/ops/resample.h"

namespace cuunet {
namespace {

Var interpolated(const char* name, std::initializer_list<Var> inputs, const InterpolateCall& call) {
  const Var& x = *inputs.begin();
  Var y(Tensor::empty(x.context(), interpolate_shape(x.shape(), call.height, call.width), x.dtype()));
  interpolate_forward(x.context(), x.view(), y.view(), call.kind);
  record(name, inputs, y, call,
         [kind = call.kind](Gradients& g) { interpolate_backward(g.context(), g.of_output(), g.wanted(0), kind); });
  return y;
}

const Shape& feature_map(const char* name, const Var& x) {
  if (x.shape().rank() != 4) throw ShapeError("{} expects [N, C, H, W], got {}", name, x.shape().text());
  return x.shape();
}

}  // namespace

Var interpolate(const Var& x, int64_t height, int64_t width, Interpolation kind) {
  return interpolated("interpolate", {x}, {.kind = kind, .height = height, .width = width});
}

Var interpolate_like(const Var& x, const Var& like, Interpolation kind) {
  const Shape& size = feature_map("interpolate_like", like);
  return interpolated("interpolate_like", {x, like}, {.kind = kind, .height = size[2], .width = size[3]});
}

Var upsample(const Var& x, int factor, Interpolation kind) {
  const Shape& size = feature_map("upsample", x);
  return interpolated("upsample", {x},
                      {.kind = kind, .height = factor * size[2], .width = factor * size[3], .factor = factor});
}

Var pad2d(const Var& x, const PadParams& params) {
  Var y(Tensor::empty(x.context(), pad_shape(x.shape(), params), x.dtype()));
  pad_forward(x.context(), x.view(), y.view(), params);
  record("pad2d", {x}, y, [params](Gradients& g) { pad_backward(g.context(), g.of_output(), g.wanted(0), params); });
  return y;
}

}  // namespace cuunet
