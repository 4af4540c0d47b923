#include "kernels/loss/mse_loss.h"

#include "kernels/loss/pointwise_loss.h"

namespace cuunet {
namespace {

void forward(Context& context, ConstView input, ConstView target, View loss, Reduction reduction) {
  auto square = [](auto x, auto z) { return (x - z) * (x - z); };
  pointwise_loss_forward(context, "mse_loss", input, target, loss, reduction, square);
}

void backward(Context& context, ConstView input, ConstView target, ConstView grad_loss, View grad_input,
              View grad_target, Reduction reduction) {
  auto slope = [](auto x, auto z) { return 2 * (x - z); };
  pointwise_loss_gradient(context, "mse_loss", input, target, grad_loss, grad_input, reduction, slope);
  pointwise_loss_gradient(context, "mse_loss", target, input, grad_loss, grad_target, reduction, slope);
}

const Implementation forward_on_cpu{mse_loss_forward, Device::cpu, forward};
const Implementation backward_on_cpu{mse_loss_backward, Device::cpu, backward};

}  // namespace
}  // namespace cuunet
