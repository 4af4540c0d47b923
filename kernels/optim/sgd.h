// One step of stochastic gradient descent with momentum for a list of parameters, in as few launches as it can:
//   g = gradient + weight_decay · parameter
//   buffer = first ? g : momentum · buffer + g
//   parameter -= learning_rate · buffer
// PyTorch: torch.optim.SGD(lr, momentum, dampening=0, weight_decay, nesterov=False)
// The tensors of an update: whole, of one shape and type, f32 or f64; pad lanes that are zero stay zero. Without
// momentum the buffer is empty.
#pragma once

#include "kernels/device/operator.h"

#include <span>

namespace cuunet {

struct SgdStep {
  double learning_rate = 0.1;
  double momentum = 0;
  double weight_decay = 0;
  bool first = true;
};

struct SgdUpdate {
  View parameter;
  ConstView gradient;
  View momentum_buffer;
  SgdStep step;
};

inline constinit Operator<void(Context&, std::span<const SgdUpdate>)> sgd_step{"sgd_step"};

}  // namespace cuunet
