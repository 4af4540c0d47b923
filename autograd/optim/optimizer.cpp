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
  std::vector<Tensor> gradients;
  std::vector<ConstView> views;
  for (const ParameterGroup& group : groups_) {
    for (const OptimizedParameter& parameter : group.parameters) {
      if (!has_gradient(parameter)) continue;
      views.push_back(gradients.emplace_back(parameter.var->gradient().contiguous()).view());
    }
  }
  if (gradients.empty()) return true;
  Tensor count = Tensor::zeros(gradients[0].context(), Shape{}, DType::i64);
  count_not_finite(gradients[0].context(), views, count.view());
  return count.item() == 0;
}

bool Optimizer::step() {
  if (!gradients_are_finite()) return false;
  std::vector<Update> updates;
  for (const ParameterGroup& group : groups_) {
    for (const OptimizedParameter& parameter : group.parameters) {
      if (!has_gradient(parameter)) continue;
      ParameterState& state = states_[parameter.name];
      ++state.step;
      updates.push_back({*parameter.var, parameter.var->gradient().contiguous(), state, group.learning_rate,
                         decay_of(group, parameter)});
      parameter.var->value().mark_changed();
    }
  }
  if (!updates.empty()) update(updates[0].var.context(), updates);
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

void Optimizer::begin(int64_t updates) {
  for (const ParameterGroup& group : groups_) {
    for (const OptimizedParameter& parameter : group.parameters) {
      if (!parameter.var->requires_grad()) continue;
      ParameterState& state = states_[parameter.name];
      state.step = updates;
      for (const std::string& what : kinds_of_state()) state_tensor(state, what, *parameter.var);
    }
  }
}

std::vector<Optimizer::StateTensor> Optimizer::tensors() const {
  std::vector<StateTensor> all = state();
  std::erase_if(all, [](const StateTensor& one) { return one.name.starts_with("step/"); });
  return all;
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

void Sgd::update(Context& context, const std::vector<Update>& updates) {
  std::vector<SgdUpdate> list;
  for (const Update& u : updates) {
    View buffer = options_.momentum != 0 ? state_tensor(u.state, "momentum_buffer", u.var).view() : View{};
    list.push_back({u.var.view(), u.gradient.view(), buffer,
                    SgdStep{.learning_rate = u.learning_rate,
                            .momentum = options_.momentum,
                            .weight_decay = u.weight_decay,
                            .first = u.state.step == 1}});
  }
  sgd_step(context, list);
}

void Adam::update(Context& context, const std::vector<Update>& updates) {
  std::vector<AdamUpdate> list;
  for (const Update& u : updates) {
    View exp_avg = state_tensor(u.state, "exp_avg", u.var).view();
    View exp_avg_sq = state_tensor(u.state, "exp_avg_sq", u.var).view();
    list.push_back({u.var.view(), u.gradient.view(), exp_avg, exp_avg_sq,
                    AdamStep{.learning_rate = u.learning_rate,
                             .beta1 = options_.beta1,
                             .beta2 = options_.beta2,
                             .epsilon = options_.epsilon,
                             .weight_decay = u.weight_decay,
                             .decay = options_.decay,
                             .number = u.state.step}});
  }
  adam_step(context, list);
}

}  // namespace cuunet
