// A sum of (input - target)² over all elements, and its gradient element by element.
// Per element: 8 bytes, for each gradient 12 (bf16: half); three operations. Bound: memory bandwidth.
#include "kernels/loss/mse_loss.h"

#include "kernels/loss/pointwise_loss.cuh"

namespace cuunet::CUUNET_TARGET {
namespace {

struct Value {
  __device__ double operator()(float input, float target) const {
    double d = static_cast<double>(input) - static_cast<double>(target);
    return d * d;
  }
};
struct Slope {
  __device__ float operator()(float input, float target) const { return 2 * (input - target); }
};

void forward(Context& context, ConstView input, ConstView target, View loss, Reduction reduction) {
  pointwise_loss_forward(context, "mse_loss", input, target, loss, reduction, Value{});
}

void backward(Context& context, ConstView input, ConstView target, ConstView grad_loss, View grad_input,
              View grad_target, Reduction reduction) {
  pointwise_loss_gradient(context, "mse_loss", input, target, grad_loss, grad_input, reduction, Slope{});
  pointwise_loss_gradient(context, "mse_loss", target, input, grad_loss, grad_target, reduction, Slope{});
}

const Implementation forward_here{mse_loss_forward, Device::CUUNET_TARGET, forward};
const Implementation backward_here{mse_loss_backward, Device::CUUNET_TARGET, backward};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
