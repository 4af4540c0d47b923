// One thread per stored element, pad lanes included (zeros stay zeros).
// Traffic: reads four numbers and writes three per element; a square root and two divisions. Bound: memory bandwidth.
#include "kernels/optim/adam.h"

#include "kernels/device/pixels.h"

#include <cmath>

namespace cuunet::CUUNET_TARGET {
namespace {

struct Step {
  float beta1, rest1, beta2, rest2, epsilon;  // rest: 1 - beta
  float rate, root, keep, add;                // step size, √(1 - beta2ᵗ), both kinds of weight decay
};

__global__ void __launch_bounds__(256)
    step_kernel(unsigned count, Step s, float* parameter, const float* gradient, float* exp_avg, float* exp_avg_sq) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= count) return;
  float p = parameter[i], g = gradient[i] + s.add * p;
  float m = s.beta1 * exp_avg[i] + s.rest1 * g;
  float v = s.beta2 * exp_avg_sq[i] + s.rest2 * g * g;
  exp_avg[i] = m;
  exp_avg_sq[i] = v;
  parameter[i] = s.keep * p - s.rate * m / (sqrtf(v) / s.root + s.epsilon);
}

void step(Context& context, View parameter, ConstView gradient, View exp_avg, View exp_avg_sq, const AdamStep& params) {
  for (ConstView other : {ConstView(parameter), gradient, ConstView(exp_avg), ConstView(exp_avg_sq)}) {
    bool fits = other.shape == parameter.shape && other.storage_elements() == parameter.storage_elements();
    if (fits && other.dtype == DType::f32) continue;
    throw ShapeError("adam expects parameter, gradient and state to be whole, f32 and {}, got {} {}",
                     parameter.shape.text(), name_of(other.dtype), other.shape.text());
  }
  double t = static_cast<double>(params.number);
  bool decoupled = params.decay == WeightDecay::decoupled;
  auto f32 = [](double value) { return static_cast<float>(value); };
  Step s{f32(params.beta1),
         f32(1 - params.beta1),
         f32(params.beta2),
         f32(1 - params.beta2),
         f32(params.epsilon),
         f32(params.learning_rate / (1 - std::pow(params.beta1, t))),
         f32(std::sqrt(1 - std::pow(params.beta2, t))),
         f32(decoupled ? 1 - params.learning_rate * params.weight_decay : 1),
         f32(decoupled ? 0 : params.weight_decay)};
  unsigned count = count_32(parameter.storage_elements());
  launch<step_kernel>({block_count(count, 256), 256, 0, stream_of(context)}, count, s, parameter.as<float>(),
                      gradient.as<float>(), exp_avg.as<float>(), exp_avg_sq.as<float>());
}

const Implementation step_here{adam_step, Device::CUUNET_TARGET, step};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
