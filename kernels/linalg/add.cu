// One thread per 16 bytes of the sum (kernels/device/pixels.h). The broadcast sum is left to the CPU.
// Traffic: two tensors read, one written; one addition per element. Bound: memory bandwidth.
#include "kernels/linalg/add.h"

#include "kernels/device/pixels.h"

namespace cuunet::CUUNET_TARGET {
namespace {

struct Add {
  __device__ float operator()(float a, float b) const { return a + b; }
};
struct AddRelu {
  __device__ float operator()(float a, float b) const { return a + b < 0 ? 0.0f : a + b; }
};

void forward(Context& context, ConstView a, ConstView b, View y) { map(context, y, Add{}, a, b); }
void forward_relu(Context& context, ConstView a, ConstView b, View y) { map(context, y, AddRelu{}, a, b); }

const Implementation forward_here{add_forward, Device::CUUNET_TARGET, forward};
const Implementation relu_here{add_relu_forward, Device::CUUNET_TARGET, forward_relu};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
