// A sum over all elements of a parabola near zero and |d| - beta/2 beyond, and its gradient element by element.
// Per element: 8 bytes, for each gradient 12 (bf16: half); a division. Bound: memory bandwidth.
#include "kernels/loss/smooth_l1_loss.h"

#include "kernels/loss/pointwise_loss.cuh"

namespace cuunet::CUUNET_TARGET {
namespace {

struct Distance {
  float beta;
  __device__ double operator()(float x, float z) const {
    float d = fabsf(x - z);
    return static_cast<double>(d < beta ? 0.5f * d * d / beta : d - 0.5f * beta);
  }
};
struct Slope {
  float beta;
  __device__ float operator()(float x, float z) const {
    float d = x - z;
    return d >= beta ? 1.0f : d <= -beta ? -1.0f : d / beta;
  }
};

float require_positive(double beta) {
  if (!(beta > 0)) throw Error("smooth_l1_loss: expected beta > 0, got {}", beta);
  return static_cast<float>(beta);
}

void forward(Context& context, ConstView input, ConstView target, View loss, const SmoothL1Params& params) {
  Distance distance{require_positive(params.beta)};
  pointwise_loss_forward(context, "smooth_l1_loss", input, target, loss, params.reduction, distance);
}

void backward(Context& context, ConstView input, ConstView target, ConstView grad_loss, View grad_input,
              View grad_target, const SmoothL1Params& params) {
  Slope slope{require_positive(params.beta)};
  pointwise_loss_gradient(context, "smooth_l1_loss", input, target, grad_loss, grad_input, params.reduction, slope);
  pointwise_loss_gradient(context, "smooth_l1_loss", target, input, grad_loss, grad_target, params.reduction, slope);
}

const Implementation forward_here{smooth_l1_loss_forward, Device::CUUNET_TARGET, forward};
const Implementation backward_here{smooth_l1_loss_backward, Device::CUUNET_TARGET, backward};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
