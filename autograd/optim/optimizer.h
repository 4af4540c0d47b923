// Optimisers over named parameters: groups with a learning rate and weight decay of their own, and state tensors with
// names, so that a checkpoint can hold them.
//
//   Adam adam({{.parameters = decoder, .learning_rate = 1e-3}}, {.beta2 = 0.99});
//   tape.backward(loss);
//   if (!adam.step()) …                    // a gradient was NaN or infinite: nothing was changed
//   adam.clear_gradients();
//
// A parameter without a gradient (frozen, or not reached) is left alone and its step number stays, as in PyTorch.
#pragma once

#include "autograd/tape/var.h"
#include "kernels/optim/adam.h"

#include <map>
#include <string>
#include <vector>

namespace cuunet {

struct OptimizedParameter {
  std::string name;    // its state-dict name
  Var* var = nullptr;  // outlives the optimiser; it may be made a leaf or a constant in between
  bool decays = true;  // false: no weight decay (with fastai's bn_wd = false batch norms and biases)
};

struct ParameterGroup {
  std::vector<OptimizedParameter> parameters;
  double learning_rate = 1e-3;
  double weight_decay = 0;
};

class Optimizer {
 public:
  explicit Optimizer(std::vector<ParameterGroup> groups) : groups_(std::move(groups)) {}
  virtual ~Optimizer() = default;

  // To be changed between steps, as schedules do.
  std::vector<ParameterGroup>& groups() { return groups_; }
  const std::vector<ParameterGroup>& groups() const { return groups_; }

  // Updates every parameter that has a gradient. False, and nothing is changed, when any gradient is NaN or infinite.
  bool step();
  void clear_gradients();

  // "<what>/<name>", such as exp_avg/layers.0.weight; step/<name> is an i64 of shape []. Only of parameters that were
  // updated at least once.
  struct StateTensor {
    std::string name;
    Tensor value;
  };
  std::vector<StateTensor> state() const;
  // The same without the step numbers. They share memory with the optimiser's: a checkpoint can be read into them.
  std::vector<StateTensor> tensors() const;
  // Makes the state of every parameter that trains now, in zeros, as before its first update but with `updates` done.
  void begin(int64_t updates = 0);
  // Takes one such tensor back. Error: no parameter of that name, an unknown state or another shape.
  void restore(const std::string& name, const Tensor& value);
  void drop_state() { states_.clear(); }

 protected:
  struct ParameterState {
    int64_t step = 0;  // updates so far
    std::map<std::string, Tensor> tensors;
  };
  // One parameter of a step, with its group's settings.
  struct Update {
    const Var& var;
    Tensor gradient;
    ParameterState& state;
    double learning_rate, weight_decay;
  };
  // The state tensor of that kind, made of zeros when it is first asked for.
  Tensor& state_tensor(ParameterState& state, const std::string& what, const Var& parameter);

 private:
  virtual std::vector<std::string> kinds_of_state() const = 0;
  virtual void update(Context& context, const std::vector<Update>& updates) = 0;
  bool gradients_are_finite() const;
  const OptimizedParameter* find(const std::string& name) const;

  std::vector<ParameterGroup> groups_;
  std::map<std::string, ParameterState> states_;
};

// See kernels/optim/sgd.h. State: momentum_buffer.
struct SgdOptions {
  double momentum = 0;
};

class Sgd final : public Optimizer {
 public:
  Sgd(std::vector<ParameterGroup> groups, const SgdOptions& options)
      : Optimizer(std::move(groups)), options_(options) {}
  SgdOptions& options() { return options_; }

 private:
  std::vector<std::string> kinds_of_state() const override { return {"momentum_buffer"}; }
  void update(Context& context, const std::vector<Update>& updates) override;
  SgdOptions options_;
};

// Adam, AdamW and fastai's Adam, by their weight decay: PyTorch's Adam adds it to the gradient (fastai: true_wd =
// false), AdamW decouples it (true_wd = true). See kernels/optim/adam.h. State: exp_avg, exp_avg_sq.
struct AdamOptions {
  double beta1 = 0.9;  // may be scheduled
  double beta2 = 0.999;
  double epsilon = 1e-8;
  WeightDecay decay = WeightDecay::decoupled;
};

class Adam final : public Optimizer {
 public:
  Adam(std::vector<ParameterGroup> groups, const AdamOptions& options)
      : Optimizer(std::move(groups)), options_(options) {}
  AdamOptions& options() { return options_; }

 private:
  std::vector<std::string> kinds_of_state() const override { return {"exp_avg", "exp_avg_sq"}; }
  void update(Context& context, const std::vector<Update>& updates) override;
  AdamOptions options_;
};

}  // namespace cuunet
