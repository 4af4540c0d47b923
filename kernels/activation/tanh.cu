// One thread per 16 bytes (kernels/device/pixels.h).
// Per element: 8 bytes, backward 12 (bf16: half); one tanh, backward an exponential and a division. Bound: memory
// bandwidth.
#include "kernels/activation/tanh.h"

#include "kernels/device/pixels.h"

namespace cuunet::CUUNET_TARGET {
namespace {

struct Forward {
  __device__ float operator()(float x) const { return tanhf(x); }
};
// 1 - tanh² = 4e/(1 + e)² with e = exp(-2|x|), which does not cancel.
struct Backward {
  __device__ float operator()(float x, float grad_y) const {
    float e = expf(-2 * fabsf(x));
    return grad_y * (4 * e / ((1 + e) * (1 + e)));
  }
};

void forward(Context& context, ConstView x, View y) { map(context, y, Forward{}, x); }
void backward(Context& context, ConstView x, ConstView grad_y, View grad_x) {
  if (grad_x.empty()) return;
  map(context, grad_x, Backward{}, x, grad_y);
}

const Implementation forward_here{tanh_forward, Device::CUUNET_TARGET, forward};
const Implementation backward_here{tanh_backward, Device::CUUNET_TARGET, backward};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
