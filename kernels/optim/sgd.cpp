#include "kernels/optim/sgd.h"

#include "kernels/optim/parameter_loop.h"

namespace cuunet {
namespace {

void update(Context& context, const SgdUpdate& all) {
  auto [parameter, gradient, momentum_buffer, params] = all;
  require_step_operands("sgd", parameter, gradient);
  if (!momentum_buffer.empty()) require_step_operands("sgd", parameter, momentum_buffer);
  for_each_parameter(context, parameter, [=]<class T>(T, int64_t begin, int64_t end) {
    T *p = parameter.as<T>(), *buffer = momentum_buffer.as<T>();
    const T* g = gradient.as<T>();
    T rate = static_cast<T>(params.learning_rate), decay = static_cast<T>(params.weight_decay);
    if (buffer == nullptr) {
      for (int64_t i = begin; i < end; ++i) p[i] -= rate * (g[i] + decay * p[i]);
      return;
    }
    T kept = static_cast<T>(params.first ? 0 : params.momentum);
    if (params.first) std::fill(buffer + begin, buffer + end, T(0));
    for (int64_t i = begin; i < end; ++i) {
      buffer[i] = kept * buffer[i] + (g[i] + decay * p[i]);
      p[i] -= rate * buffer[i];
    }
  });
}

void step(Context& context, std::span<const SgdUpdate> updates) {
  for (const SgdUpdate& one : updates) update(context, one);
}

const Implementation on_cpu{sgd_step, Device::cpu, step};

}  // namespace
}  // namespace cuunet
