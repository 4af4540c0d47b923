// A block per 4096 stored elements of a list of parameters (tensor_list.cuh), pad lanes included (zeros stay zeros).
// Per element: 28 bytes (four numbers read, three written); a square root, two divisions and twelve operations.
// Bound: memory bandwidth.
#include "kernels/optim/adam.h"

#include "kernels/optim/tensor_list.cuh"

#include <cmath>

namespace cuunet::CUUNET_TARGET {
namespace {

struct Entry {
  float* parameter;
  const float* gradient;
  float *exp_avg, *exp_avg_sq;
  unsigned count;
  float beta1, rest1, beta2, rest2, epsilon;  // rest: 1 - beta
  float rate, root, keep, add;                // step size, √(1 - beta2ᵗ), both kinds of weight decay
};

__global__ void __launch_bounds__(list_threads) step_kernel(TensorList<Entry> list) {
  ListShare<Entry> share(list);
  const Entry& s = share.entry;
  for (unsigned i = share.begin + threadIdx.x; i < share.end; i += list_threads) {
    float p = s.parameter[i], g = s.gradient[i] + s.add * p;
    float m = s.beta1 * s.exp_avg[i] + s.rest1 * g;
    float v = s.beta2 * s.exp_avg_sq[i] + s.rest2 * g * g;
    s.exp_avg[i] = m;
    s.exp_avg_sq[i] = v;
    s.parameter[i] = s.keep * p - s.rate * m / (sqrtf(v) / s.root + s.epsilon);
  }
}

Entry entry_of(const AdamUpdate& update) {
  const View& parameter = update.parameter;
  for (ConstView other :
       {ConstView(parameter), update.gradient, ConstView(update.exp_avg), ConstView(update.exp_avg_sq)}) {
    bool fits = other.shape == parameter.shape && other.storage_elements() == parameter.storage_elements();
    if (fits && other.dtype == DType::f32) continue;
    throw ShapeError("adam expects parameter, gradient and state to be whole, f32 and {}, got {} {}",
                     parameter.shape.text(), name_of(other.dtype), other.shape.text());
  }
  const AdamStep& step = update.step;
  double t = static_cast<double>(step.number);
  bool decoupled = step.decay == WeightDecay::decoupled;
  auto f32 = [](double value) { return static_cast<float>(value); };
  return {parameter.as<float>(),
          update.gradient.as<float>(),
          update.exp_avg.as<float>(),
          update.exp_avg_sq.as<float>(),
          count_32(parameter.storage_elements()),
          f32(step.beta1),
          f32(1 - step.beta1),
          f32(step.beta2),
          f32(1 - step.beta2),
          f32(step.epsilon),
          f32(step.learning_rate / (1 - std::pow(step.beta1, t))),
          f32(std::sqrt(1 - std::pow(step.beta2, t))),
          f32(decoupled ? 1 - step.learning_rate * step.weight_decay : 1),
          f32(decoupled ? 0 : step.weight_decay)};
}

void step(Context& context, std::span<const AdamUpdate> updates) {
  std::vector<Entry> entries;
  for (const AdamUpdate& update : updates) entries.push_back(entry_of(update));
  for_each_list(std::span<const Entry>(entries), [&](const TensorList<Entry>& list, unsigned blocks) {
    launch<step_kernel>({blocks, list_threads, 0, stream_of(context)}, list);
  });
}

const Implementation step_here{adam_step, Device::CUUNET_TARGET, step};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
