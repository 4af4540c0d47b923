#include "kernels/loss/smooth_l1_loss.h"

#include "kernels/loss/pointwise_loss.h"

namespace cuunet {
namespace {

void require_positive(double beta) {
  if (!(beta > 0)) throw Error("smooth_l1_loss: expected beta > 0, got {}", beta);
}

void forward(Context& context, ConstView input, ConstView target, View loss, const SmoothL1Params& params) {
  require_positive(params.beta);
  double beta = params.beta;
  auto distance = [=](auto x, auto z) {
    using A = decltype(x);
    A b = static_cast<A>(beta), d = x < z ? z - x : x - z;
    return d < b ? A(0.5) * d * d / b : d - A(0.5) * b;
  };
  pointwise_loss_forward(context, "smooth_l1_loss", input, target, loss, params.reduction, distance);
}

void backward(Context& context, ConstView input, ConstView target, ConstView grad_loss, View grad_input,
              View grad_target, const SmoothL1Params& params) {
  require_positive(params.beta);
  double beta = params.beta;
  auto slope = [=](auto x, auto z) {
    using A = decltype(x);
    A b = static_cast<A>(beta), d = x - z;
    if (d >= b) return A(1);
    return d <= -b ? A(-1) : d / b;
  };
  pointwise_loss_gradient(context, "smooth_l1_loss", input, target, grad_loss, grad_input, params.reduction, slope);
  pointwise_loss_gradient(context, "smooth_l1_loss", target, input, grad_loss, grad_target, params.reduction, slope);
}

const Implementation forward_on_cpu{smooth_l1_loss_forward, Device::cpu, forward};
const Implementation backward_on_cpu{smooth_l1_loss_backward, Device::cpu, backward};

}  // namespace
}  // namespace cuunet
