#include "kernels/loss/l1_loss.h"

#include "kernels/loss/pointwise_loss.h"

namespace cuunet {
namespace {

void forward(Context& context, ConstView input, ConstView target, View loss, Reduction reduction) {
  auto distance = [](auto x, auto z) { return x < z ? z - x : x - z; };
  pointwise_loss_forward(context, "l1_loss", input, target, loss, reduction, distance);
}

void backward(Context& context, ConstView input, ConstView target, ConstView grad_loss, View grad_input,
              View grad_target, Reduction reduction) {
  auto sign = [](auto x, auto z) { return static_cast<decltype(x)>((x > z) - (x < z)); };
  pointwise_loss_gradient(context, "l1_loss", input, target, grad_loss, grad_input, reduction, sign);
  pointwise_loss_gradient(context, "l1_loss", target, input, grad_loss, grad_target, reduction, sign);
}

const Implementation forward_on_cpu{l1_loss_forward, Device::cpu, forward};
const Implementation backward_on_cpu{l1_loss_backward, Device::cpu, backward};

}  // namespace
}  // namespace cuunet
