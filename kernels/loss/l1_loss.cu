// A sum of |input - target| over all elements, and its gradient element by element.
// Per element: 8 bytes, for each gradient 12 (bf16: half); two operations. Bound: memory bandwidth.
#include "kernels/loss/l1_loss.h"

#include "kernels/loss/pointwise_loss.cuh"

namespace cuunet::CUUNET_TARGET {
namespace {

struct Value {
  __device__ double operator()(float input, float target) const {
    return fabs(static_cast<double>(input) - static_cast<double>(target));
  }
};
struct Slope {
  __device__ float operator()(float input, float target) const {
    return input > target ? 1.0f : input < target ? -1.0f : 0.0f;
  }
};

void forward(Context& context, ConstView input, ConstView target, View loss, Reduction reduction) {
  pointwise_loss_forward(context, "l1_loss", input, target, loss, reduction, Value{});
}

void backward(Context& context, ConstView input, ConstView target, ConstView grad_loss, View grad_input,
              View grad_target, Reduction reduction) {
  pointwise_loss_gradient(context, "l1_loss", input, target, grad_loss, grad_input, reduction, Slope{});
  pointwise_loss_gradient(context, "l1_loss", target, input, grad_loss, grad_target, reduction, Slope{});
}

const Implementation forward_here{l1_loss_forward, Device::CUUNET_TARGET, forward};
const Implementation backward_here{l1_loss_backward, Device::CUUNET_TARGET, backward};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
