#include "kernels/loss/bce_with_logits.h"

#include "kernels/loss/pointwise_loss.h"

#include <cmath>

namespace cuunet {
namespace {

void forward(Context& context, ConstView input, ConstView target, View loss, Reduction reduction) {
  auto entropy = [](auto x, auto z) { return (x > 0 ? x : 0) - x * z + std::log1p(std::exp(-std::abs(x))); };
  pointwise_loss_forward(context, "bce_with_logits", input, target, loss, reduction, entropy);
}

void backward(Context& context, ConstView input, ConstView target, ConstView grad_loss, View grad_input,
              Reduction reduction) {
  // exp of a negative number only, so that nothing overflows.
  auto slope = [](auto x, auto z) {
    auto e = std::exp(-std::abs(x));
    auto sigmoid = x < 0 ? e / (1 + e) : 1 / (1 + e);
    return sigmoid - z;
  };
  pointwise_loss_gradient(context, "bce_with_logits", input, target, grad_loss, grad_input, reduction, slope);
}

const Implementation forward_on_cpu{bce_with_logits_forward, Device::cpu, forward};
const Implementation backward_on_cpu{bce_with_logits_backward, Device::cpu, backward};

}  // namespace
}  // namespace cuunet
