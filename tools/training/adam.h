// Adam over groups of parameters, each group with a learning rate of its own. Formula: kernels/optim/adam.h.
#pragma once

#include "kernels/optim/adam.h"
#include "layers/module/module.h"
#include "tools/training/checkpoint.h"

#include <utility>
#include <vector>

namespace cuunet {

// Parameters that share a learning rate, with their state-dict names.
using ParameterGroup = std::vector<std::pair<std::string, Parameter*>>;

struct AdamSettings {
  double beta2 = 0.99, epsilon = 1e-8, weight_decay = 1e-3;
  WeightDecay decay = WeightDecay::decoupled;
};

class Adam {
 public:
  // Parameters that are frozen stay so: groups keep only those that train now.
  Adam(std::vector<ParameterGroup> groups, const AdamSettings& settings);

  // The update number t = `number`, from 1. Every trained parameter must have its gradient; they stay.
  void step(const std::vector<double>& learning_rates, double beta1, int64_t number);

  // The number of elements of all gradients that are NaN or infinite, added to `count` (one i64).
  void count_not_finite_gradients(Tensor& count) const;
  void clear_gradients();

  const std::vector<ParameterGroup>& groups() const { return groups_; }
  std::vector<NamedTensor> tensors() const;  // exp_avg.<name>, exp_avg_sq.<name>

 private:
  struct Moments {
    Tensor exp_avg, exp_avg_sq;
  };

  std::vector<ParameterGroup> groups_;
  std::vector<std::vector<Moments>> moments_;
  AdamSettings settings_;
};

}  // namespace cuunet
