#include "tools/training/adam.h"

#include "kernels/optim/all_finite.h"

#include <algorithm>

namespace cuunet {
namespace {

Tensor gradient_of(const std::string& name, const Parameter& parameter) {
  const Tensor& gradient = parameter.var.gradient();
  if (!gradient.defined()) throw Error("{}: no gradient arrived; the loss does not depend on this parameter", name);
  return gradient.contiguous();
}

}  // namespace

Adam::Adam(std::vector<ParameterGroup> groups, const AdamSettings& settings)
    : groups_(std::move(groups)), settings_(settings) {
  for (ParameterGroup& group : groups_) {
    std::erase_if(group, [](const auto& named) { return !named.second->trainable(); });
    std::vector<Moments>& moments = moments_.emplace_back();
    for (auto& [name, parameter] : group) {
      const Var& var = parameter->var;
      moments.push_back({Tensor::zeros(var.context(), var.shape(), var.dtype()),
                         Tensor::zeros(var.context(), var.shape(), var.dtype())});
    }
  }
}

void Adam::step(const std::vector<double>& learning_rates, double beta1, int64_t number) {
  AdamStep step{.beta1 = beta1,
                .beta2 = settings_.beta2,
                .epsilon = settings_.epsilon,
                .weight_decay = settings_.weight_decay,
                .decay = settings_.decay,
                .number = number};
  std::vector<Tensor> gradients;
  std::vector<AdamUpdate> updates;
  for (size_t g = 0; g < groups_.size(); ++g) {
    step.learning_rate = learning_rates.at(g);
    for (size_t i = 0; i < groups_[g].size(); ++i) {
      auto& [name, parameter] = groups_[g][i];
      Moments& moments = moments_[g][i];
      const Tensor& gradient = gradients.emplace_back(gradient_of(name, *parameter));
      const Tensor& value = parameter->var.value();
      updates.push_back({value.view(), gradient.view(), moments.exp_avg.view(), moments.exp_avg_sq.view(), step});
      value.mark_changed();
    }
  }
  if (!gradients.empty()) adam_step(gradients[0].context(), updates);
}

void Adam::count_not_finite_gradients(Tensor& count) const {
  std::vector<Tensor> gradients;
  std::vector<ConstView> views;
  for (const ParameterGroup& group : groups_) {
    for (const auto& [name, parameter] : group) {
      views.push_back(gradients.emplace_back(gradient_of(name, *parameter)).view());
    }
  }
  if (!gradients.empty()) count_not_finite(gradients[0].context(), views, count.view());
}

void Adam::clear_gradients() {
  for (ParameterGroup& group : groups_) {
    for (auto& [name, parameter] : group) parameter->var.clear_gradient();
  }
}

std::vector<NamedTensor> Adam::tensors() const {
  std::vector<NamedTensor> tensors;
  for (size_t g = 0; g < groups_.size(); ++g) {
    for (size_t i = 0; i < groups_[g].size(); ++i) {
      tensors.push_back({"exp_avg." + groups_[g][i].first, moments_[g][i].exp_avg});
      tensors.push_back({"exp_avg_sq." + groups_[g][i].first, moments_[g][i].exp_avg_sq});
    }
  }
  return tensors;
}

}  // namespace cuunet
