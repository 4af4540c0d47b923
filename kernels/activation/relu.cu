// One thread per 16 bytes of a pixel, or per element where a slice starts unaligned.
// Per element: 8 bytes, backward 12 (bf16: half); one comparison. Bound: memory bandwidth.
#include "kernels/activation/relu.h"

#include "kernels/device/pixels.h"

namespace cuunet::CUUNET_TARGET {
namespace {

struct Forward {
  __device__ float operator()(float x) const { return x < 0 ? 0.0f : x; }
};
struct Backward {
  __device__ float operator()(float y, float grad_y) const { return y > 0 ? grad_y : 0.0f; }
};

void forward(Context& context, ConstView x, View y) { map(context, y, Forward{}, x); }
void backward(Context& context, ConstView y, ConstView grad_y, View grad_x) {
  map(context, grad_x, Backward{}, y, grad_y);
}

const Implementation forward_here{relu_forward, Device::CUUNET_TARGET, forward};
const Implementation backward_here{relu_backward, Device::CUUNET_TARGET, backward};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
