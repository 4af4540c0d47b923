#include "autograd/optim/optimizer.h"

#include "kernels/device/error.h"
#include "kernels/optim/all_finite.h"
#include "kernels/optim/sgd.h"

#include <algorithm>

namespace cuunet {
namespace {

bool has_gradient(const OptimizedParameter& parameter) {
  return parameter.var->requires_grad() && parameter.var->gradient().defined();
}

double decay_of(const ParameterGroup& group, const OptimizedParameter& parameter) {
  return parameter.decays ? group.weight_decay : 0;
}

}  // namespace

bool Optimizer::gradients_are_finite() const {
  Tensor count;
  for (const ParameterGroup& group : groups_) {
    for (const OptimizedParameter& parameter : group.parameters) {
      if (!has_gradient(parameter)) continue;
      Tensor gradient = parameter.var->gradient().contiguous();
      if (!count.defined()) count = Tensor::zeros(gradient.context(), Shape{}, DType::i64);
      count_not_finite(gradient.context(), gradient.view(), count.view());
    }
  }
  return !count.defined() || count.item() == 0;
}

bool Optimizer::step() {
  if (!gradients_are_finite()) return false;
  for (const ParameterGroup& group : groups_) {
    for (const OptimizedParameter& parameter : group.parameters) {
      if (!has_gradient(parameter)) continue;
      ParameterState& state = states_[parameter.name];
      ++state.step;
      update(group, parameter, parameter.var->gradient().contiguous(), state);
      parameter.var->value().mark_changed();
    }
  }
  return true;
}

void Optimizer::clear_gradients() {
  for (ParameterGroup& group : groups_) {
    for (OptimizedParameter& parameter : group.parameters) parameter.var->clear_gradient();
  }
}

Tensor& Optimizer::state_tensor(ParameterState& state, const std::string& what, const Var& parameter) {
  Tensor& tensor = state.tensors[what];
  if (!tensor.defined()) tensor = Tensor::zeros(parameter.context(), parameter.shape(), parameter.dtype());
  return tensor;
}

const OptimizedParameter* Optimizer::find(const std::string& name) const {
  for (const ParameterGroup& group : groups_) {
    for (const OptimizedParameter& parameter : group.parameters) {
      if (parameter.name == name) return &parameter;
    }
  }
  return nullptr;
}

std::vector<Optimizer::StateTensor> Optimizer::state() const {
  std::vector<StateTensor> all;
  for (const ParameterGroup& group : groups_) {
    for (const OptimizedParameter& parameter : group.parameters) {
      auto state = states_.find(parameter.name);
      if (state == states_.end()) continue;
      std::vector<double> step{static_cast<double>(state->second.step)};
      all.push_back({"step/" + parameter.name,
                     Tensor::from_host(parameter.var->context(), Shape{}, DType::i64, std::span<const double>(step))});
      for (const auto& [what, tensor] : state->second.tensors) all.push_back({what + "/" + parameter.name, tensor});
    }
  }
  return all;
}

void Optimizer::restore(const std::string& name, const Tensor& value) {
  size_t slash = name.find('/');
  std::string what = name.substr(0, slash), of = slash == std::string::npos ? "" : name.substr(slash + 1);
  const OptimizedParameter* parameter = find(of);
  if (parameter == nullptr) throw Error("optimizer state '{}' belongs to no parameter of this optimizer", name);
  if (what == "step") {
    states_[of].step = static_cast<int64_t>(value.item());
    return;
  }
  auto kinds = kinds_of_state();
  if (std::find(kinds.begin(), kinds.end(), what) == kinds.end()) {
    throw Error("optimizer state '{}': this optimizer keeps no '{}'", name, what);
  }
  if (value.shape() != parameter->var->shape()) {
    throw ShapeError("optimizer state '{}': expected {}, got {}", name, parameter->var->shape().text(),
                     value.shape().text());
  }
  state_tensor(states_[of], what, *parameter->var).copy_from(value);
}

void Sgd::update(const ParameterGroup& group, const OptimizedParameter& parameter, const Tensor& gradient,
                 ParameterState& state) {
  const Var& var = *parameter.var;
  View buffer = options_.momentum != 0 ? state_tensor(state, "momentum_buffer", var).view() : View{};
  sgd_step(var.context(), var.view(), gradient.view(), buffer,
           {.learning_rate = group.learning_rate,
            .momentum = options_.momentum,
            .weight_decay = decay_of(group, parameter),
            .first = state.step == 1});
}

void Adam::update(const ParameterGroup& group, const OptimizedParameter& parameter, const Tensor& gradient,
                  ParameterState& state) {
  const Var& var = *parameter.var;
  View exp_avg = state_tensor(state, "exp_avg", var).view();
  View exp_avg_sq = state_tensor(state, "exp_avg_sq", var).view();
  adam_step(var.context(), var.view(), gradient.view(), exp_avg, exp_avg_sq,
            {.learning_rate = group.learning_rate,
             .beta1 = options_.beta1,
             .beta2 = options_.beta2,
             .epsilon = options_.epsilon,
             .weight_decay = decay_of(group, parameter),
             .decay = options_.decay,
             .number = state.step});
}

}  // namespace cuunet
