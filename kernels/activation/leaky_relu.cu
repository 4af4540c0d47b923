// One thread per 16 bytes (kernels/device/pixels.h).
// Per element: 8 bytes, backward 12 (bf16: half); one multiplication. Bound: memory bandwidth.
#include "kernels/activation/leaky_relu.h"

#include "kernels/device/pixels.h"

namespace cuunet::CUUNET_TARGET {
namespace {

struct Forward {
  float slope;
  __device__ float operator()(float x) const { return x > 0 ? x : slope * x; }
};
struct Backward {
  float slope;
  __device__ float operator()(float y, float grad_y) const { return y > 0 ? grad_y : slope * grad_y; }
};

void forward(Context& context, ConstView x, View y, double slope) {
  map(context, y, Forward{static_cast<float>(slope)}, x);
}
void backward(Context& context, ConstView y, ConstView grad_y, View grad_x, double slope) {
  map(context, grad_x, Backward{static_cast<float>(slope)}, y, grad_y);
}

const Implementation forward_here{leaky_relu_forward, Device::CUUNET_TARGET, forward};
const Implementation backward_here{leaky_relu_backward, Device::CUUNET_TARGET, backward};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
