// One thread per stored element, pad lanes included (zeros stay zeros).
// Traffic: reads two or three numbers and writes one or two per element. Bound: memory bandwidth.
#include "kernels/optim/sgd.h"

#include "kernels/device/pixels.h"

namespace cuunet::CUUNET_TARGET {
namespace {

struct Step {
  float rate, momentum, decay;
  bool first;  // what the buffer holds does not count
};

__global__ void __launch_bounds__(256)
    step_kernel(unsigned count, Step s, float* parameter, const float* gradient, float* buffer) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= count) return;
  float p = parameter[i], g = gradient[i] + s.decay * p;
  if (buffer != nullptr) {
    if (!s.first) g += s.momentum * buffer[i];
    buffer[i] = g;
  }
  parameter[i] = p - s.rate * g;
}

void step(Context& context, View parameter, ConstView gradient, View momentum_buffer, const SgdStep& params) {
  for (ConstView other : {ConstView(parameter), gradient, ConstView(momentum_buffer)}) {
    bool fits = other.shape == parameter.shape && other.storage_elements() == parameter.storage_elements();
    if (other.empty() || (fits && other.dtype == DType::f32)) continue;
    throw ShapeError("sgd expects parameter, gradient and buffer to be whole, f32 and {}, got {} {}",
                     parameter.shape.text(), name_of(other.dtype), other.shape.text());
  }
  Step s{static_cast<float>(params.learning_rate), static_cast<float>(params.momentum),
         static_cast<float>(params.weight_decay), params.first};
  unsigned count = count_32(parameter.storage_elements());
  launch<step_kernel>({block_count(count, 256), 256, 0, stream_of(context)}, count, s, parameter.as<float>(),
                      gradient.as<float>(), momentum_buffer.as<float>());
}

const Implementation step_here{sgd_step, Device::CUUNET_TARGET, step};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
