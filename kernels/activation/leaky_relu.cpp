#include "kernels/activation/leaky_relu.h"

#include "kernels/device/elementwise.h"

namespace cuunet {
namespace {

void forward(Context& context, ConstView x, View y, double slope) {
  map(
      context, y, [=](auto v) { return v > 0 ? v : static_cast<decltype(v)>(slope) * v; }, x);
}

void backward(Context& context, ConstView y, ConstView grad_y, View grad_x, double slope) {
  if (grad_x.empty()) return;
  map(
      context, grad_x, [=](auto out, auto g) { return out > 0 ? g : static_cast<decltype(g)>(slope) * g; }, y, grad_y);
}

const Implementation forward_on_cpu{leaky_relu_forward, Device::cpu, forward};
const Implementation backward_on_cpu{leaky_relu_backward, Device::cpu, backward};

}  // namespace
}  // namespace cuunet
