// Losses that are a sum over elements of f(input, target): value and gradient.
#pragma once

#include "kernels/loss/reduction.h"
#include "kernels/reduce/element_sum.cuh"

namespace cuunet::CUUNET_TARGET {

inline void require_scalar_loss(const char* op, ConstView loss) {
  if (loss.elements() == 1 && loss.dtype == DType::f32) return;
  throw ShapeError("{}: expected one f32 for the loss, got {} {}", op, name_of(loss.dtype), loss.shape.text());
}

// loss = scale · Σ f(input, target); f gives double.
template <class Function>
void pointwise_loss_forward(Context& context, const char* op, ConstView input, ConstView target, View loss,
                            Reduction reduction, const Function& f) {
  require_scalar_loss(op, loss);
  element_sum(context, input, target, f, scale_of(reduction, input.elements()), loss.as<float>());
}

template <class Slope>
struct LossGradient {
  const float* grad_loss;  // on the device
  float scale;
  Slope slope;
  __device__ float operator()(float input, float target) const { return *grad_loss * scale * slope(input, target); }
};

// grad = grad_loss · scale · slope(input, target); an empty grad is not computed.
template <class Slope>
void pointwise_loss_gradient(Context& context, const char* op, ConstView input, ConstView target, ConstView grad_loss,
                             View grad, Reduction reduction, const Slope& slope) {
  require_scalar_loss(op, grad_loss);
  if (grad.empty()) return;
  auto scale = static_cast<float>(scale_of(reduction, input.elements()));
  map(context, grad, LossGradient<Slope>{grad_loss.as<float>(), scale, slope}, input, target);
}

}  // namespace cuunet::CUUNET_TARGET
