// One thread per 16 bytes (kernels/device/pixels.h).
// Per element: 8 bytes, backward 12 (bf16: half); one exponential and one division.
// Bound: memory bandwidth.
#include "kernels/activation/sigmoid.h"

#include "kernels/device/pixels.h"

namespace cuunet::CUUNET_TARGET {
namespace {

struct Forward {
  float low, width;
  __device__ float operator()(float x) const { return low + width / (1 + expf(-x)); }
};
// s·(1 - s) = e/(1 + e)² with e = exp(-|x|), which does not cancel.
struct Backward {
  float width;
  __device__ float operator()(float x, float grad_y) const {
    float e = expf(-fabsf(x));
    return grad_y * width * (e / ((1 + e) * (1 + e)));
  }
};

void forward(Context& context, ConstView x, View y, SigmoidBounds bounds) {
  map(context, y, Forward{static_cast<float>(bounds.low), static_cast<float>(bounds.high - bounds.low)}, x);
}
void backward(Context& context, ConstView x, ConstView grad_y, View grad_x, SigmoidBounds bounds) {
  if (grad_x.empty()) return;
  map(context, grad_x, Backward{static_cast<float>(bounds.high - bounds.low)}, x, grad_y);
}

const Implementation forward_here{sigmoid_forward, Device::CUUNET_TARGET, forward};
const Implementation backward_here{sigmoid_backward, Device::CUUNET_TARGET, backward};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
