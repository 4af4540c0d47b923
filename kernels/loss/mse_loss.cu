// A sum of (input - target)² over all elements, and its gradient element by element.
// Traffic: forward reads two tensors; backward reads two and writes one or two. Bound: memory bandwidth.
#include "kernels/loss/mse_loss.h"

#include "kernels/reduce/element_sum.cuh"

namespace cuunet::CUUNET_TARGET {
namespace {

struct Value {
  __device__ double operator()(float input, float target) const {
    double d = static_cast<double>(input) - static_cast<double>(target);
    return d * d;
  }
};
struct Gradient {
  const float* grad_loss;  // on the device
  float scale;
  __device__ float operator()(float input, float target) const { return *grad_loss * scale * (2 * (input - target)); }
};

void require_scalar(ConstView loss) {
  if (loss.elements() == 1 && loss.dtype == DType::f32) return;
  throw ShapeError("mse_loss: expected one f32 for the loss, got {} {}", name_of(loss.dtype), loss.shape.text());
}

void forward(Context& context, ConstView input, ConstView target, View loss, Reduction reduction) {
  require_scalar(loss);
  element_sum(context, input, target, Value{}, scale_of(reduction, input.elements()), loss.as<float>());
}

void backward(Context& context, ConstView input, ConstView target, ConstView grad_loss, View grad_input,
              View grad_target, Reduction reduction) {
  require_scalar(grad_loss);
  float scale = static_cast<float>(scale_of(reduction, input.elements()));
  if (!grad_input.empty()) map(context, grad_input, Gradient{grad_loss.as<float>(), scale}, input, target);
  if (!grad_target.empty()) map(context, grad_target, Gradient{grad_loss.as<float>(), -scale}, input, target);
}

const Implementation forward_here{mse_loss_forward, Device::CUUNET_TARGET, forward};
const Implementation backward_here{mse_loss_backward, Device::CUUNET_TARGET, backward};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
