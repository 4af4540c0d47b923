// One step of stochastic gradient descent with momentum:
// g = gradient + weight_decay · parameter;  buffer = first ? g : momentum · buffer + g;  parameter -= learning_rate ·
// buffer PyTorch: torch.optim.SGD(lr, momentum, dampening=0, weight_decay, nesterov=False) All whole, of one shape and
// type, f32 or f64; pad lanes that are zero stay zero. Without momentum the buffer is empty.
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

struct SgdStep {
  double learning_rate = 0.1;
  double momentum = 0;
  double weight_decay = 0;
  bool first = true;
};

inline constinit Operator<void(Context&, View parameter, ConstView gradient, View momentum_buffer, const SgdStep&)>
    sgd_step{"sgd_step"};

}  // namespace cuunet
