#include "kernels/optim/adam.h"

#include "kernels/optim/parameter_loop.h"

#include <cmath>

namespace cuunet {
namespace {

void update(Context& context, const AdamUpdate& all) {
  auto [parameter, gradient, exp_avg, exp_avg_sq, params] = all;
  for (ConstView other : {gradient, ConstView(exp_avg), ConstView(exp_avg_sq)}) {
    require_step_operands("adam", parameter, other);
  }
  auto t = static_cast<double>(params.number);
  double step_size = params.learning_rate / (1 - std::pow(params.beta1, t));
  double root_correction = std::sqrt(1 - std::pow(params.beta2, t));
  bool decoupled = params.decay == WeightDecay::decoupled;
  double kept = decoupled ? 1 - params.learning_rate * params.weight_decay : 1;
  double added = decoupled ? 0 : params.weight_decay;

  for_each_parameter(context, parameter, [=]<class T>(T, int64_t begin, int64_t end) {
    T *p = parameter.as<T>(), *m = exp_avg.as<T>(), *v = exp_avg_sq.as<T>();
    const T* gradients = gradient.as<T>();
    T b1 = static_cast<T>(params.beta1), b2 = static_cast<T>(params.beta2), epsilon = static_cast<T>(params.epsilon);
    T a1 = static_cast<T>(1 - params.beta1), a2 = static_cast<T>(1 - params.beta2);
    T rate = static_cast<T>(step_size), root = static_cast<T>(root_correction);
    T keep = static_cast<T>(kept), add = static_cast<T>(added);
    for (int64_t i = begin; i < end; ++i) {
      T g = gradients[i] + add * p[i];
      m[i] = b1 * m[i] + a1 * g;
      v[i] = b2 * v[i] + a2 * g * g;
      p[i] = keep * p[i] - rate * m[i] / (std::sqrt(v[i]) / root + epsilon);
    }
  });
}

void step(Context& context, std::span<const AdamUpdate> updates) {
  for (const AdamUpdate& one : updates) update(context, one);
}

const Implementation on_cpu{adam_step, Device::cpu, step};

}  // namespace
}  // namespace cuunet
