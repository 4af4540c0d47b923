// A sum of the cross-entropies of all elements, and its gradient element by element.
// Per element: 8 bytes, backward 12 (bf16: half); an exponential and a logarithm, backward a division instead. Bound:
// memory bandwidth.
#include "kernels/loss/bce_with_logits.h"

#include "kernels/loss/pointwise_loss.cuh"

namespace cuunet::CUUNET_TARGET {
namespace {

struct Entropy {
  __device__ double operator()(float x, float z) const {
    return static_cast<double>((x > 0 ? x : 0.0f) - x * z + log1pf(expf(-fabsf(x))));
  }
};
// exp of a negative number only, so that nothing overflows.
struct Slope {
  __device__ float operator()(float x, float z) const {
    float e = expf(-fabsf(x)), sigmoid = x < 0 ? e / (1 + e) : 1 / (1 + e);
    return sigmoid - z;
  }
};

void forward(Context& context, ConstView input, ConstView target, View loss, Reduction reduction) {
  pointwise_loss_forward(context, "bce_with_logits", input, target, loss, reduction, Entropy{});
}

void backward(Context& context, ConstView input, ConstView target, ConstView grad_loss, View grad_input,
              Reduction reduction) {
  pointwise_loss_gradient(context, "bce_with_logits", input, target, grad_loss, grad_input, reduction, Slope{});
}

const Implementation forward_here{bce_with_logits_forward, Device::CUUNET_TARGET, forward};
const Implementation backward_here{bce_with_logits_backward, Device::CUUNET_TARGET, backward};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
