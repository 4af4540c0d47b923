#include "kernels/activation/sigmoid.h"

#include "kernels/device/elementwise.h"

#include <cmath>

namespace cuunet {
namespace {

void forward(Context& context, ConstView x, View y, SigmoidBounds bounds) {
  map(
      context, y,
      [=](auto v) {
        using A = decltype(v);
        return static_cast<A>(bounds.low) + static_cast<A>(bounds.high - bounds.low) / (A(1) + std::exp(-v));
      },
      x);
}

// s·(1 - s) = e/(1 + e)² with e = exp(-|x|), which does not cancel.
void backward(Context& context, ConstView x, ConstView grad_y, View grad_x, SigmoidBounds bounds) {
  if (grad_x.empty()) return;
  map(
      context, grad_x,
      [=](auto v, auto g) {
        using A = decltype(v);
        A e = std::exp(-std::abs(v));
        return g * static_cast<A>(bounds.high - bounds.low) * (e / ((A(1) + e) * (A(1) + e)));
      },
      x, grad_y);
}

const Implementation forward_on_cpu{sigmoid_forward, Device::cpu, forward};
const Implementation backward_on_cpu{sigmoid_backward, Device::cpu, backward};

}  // namespace
}  // namespace cuunet
