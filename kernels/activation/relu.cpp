#include "kernels/activation/relu.h"

#include "kernels/device/elementwise.h"

namespace cuunet {
namespace {

void forward(Context& context, ConstView x, View y) {
  map(
      context, y, [](auto v) { return v < 0 ? decltype(v)(0) : v; }, x);
}

void backward(Context& context, ConstView y, ConstView grad_y, View grad_x) {
  map(
      context, grad_x, [](auto out, auto g) { return out > 0 ? g : decltype(g)(0); }, y, grad_y);
}

const Implementation forward_on_cpu{relu_forward, Device::cpu, forward};
const Implementation backward_on_cpu{relu_backward, Device::cpu, backward};

}  // namespace
}  // namespace cuunet
