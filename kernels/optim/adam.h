// One step of Adam for a list of parameters, in as few launches as it can; t is the number of this step, from 1:
//   decay into_gradient  g = gradient + weight_decay · parameter          PyTorch: torch.optim.Adam
//   decay decoupled      parameter *= 1 - learning_rate · weight_decay    PyTorch: torch.optim.AdamW; fastai's true_wd
//   m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g²
//   parameter -= learning_rate / (1 - beta1^t) · m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)
// The bias correction uses the beta1 of this step, also when a schedule changes it from step to step (fastai's
// one-cycle). m, v are exp_avg, exp_avg_sq.
// D. Kingma, J. Ba, "Adam: A Method for Stochastic Optimization" (ICLR 2015); I. Loshchilov, F. Hutter, "Decoupled
// Weight Decay Regularization" (ICLR 2019).
// The tensors of an update: whole, of one shape and type, f32 or f64; pad lanes that are zero stay zero.
#pragma once

#include "kernels/device/operator.h"

#include <span>

namespace cuunet {

enum class WeightDecay { into_gradient, decoupled };

struct AdamStep {
  double learning_rate = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0;
  WeightDecay decay = WeightDecay::decoupled;
  int64_t number = 1;  // t
};

struct AdamUpdate {
  View parameter;
  ConstView gradient;
  View exp_avg, exp_avg_sq;
  AdamStep step;
};

inline constinit Operator<void(Context&, std::span<const AdamUpdate>)> adam_step{"adam_step"};

}  // namespace cuunet
