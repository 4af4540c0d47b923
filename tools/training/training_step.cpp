#include "tools/training/training_step.h"

#include "layers/models/dynamic_unet.h"
#include "tools/training/finiteness.h"

#include <algorithm>
#include <cmath>

namespace cuunet {
namespace {

Losses values_of(const LossTerms& terms) {
  Losses losses{{"loss", terms.total.value().item()}};
  for (const auto& [name, term] : terms.terms) losses.emplace_back(name, term.value().item());
  return losses;
}

std::string fault_text(const std::string& place, const Tensor& tensor, int64_t count) {
  return fmt::format("{} holds {} values that are not finite, of {}", place, count, tensor.elements());
}

}  // namespace

std::vector<ParameterGroup> parameter_groups(DynamicUnet& network) {
  std::vector<ParameterGroup> groups(3);
  for (auto& [name, parameter] : network.parameters()) {
    groups[static_cast<size_t>(DynamicUnet::group_of(name))].parameters.push_back({name, &parameter->var});
  }
  return groups;
}

namespace {

std::vector<ParameterGroup> that_train(std::vector<ParameterGroup> groups, double weight_decay) {
  for (ParameterGroup& group : groups) {
    group.weight_decay = weight_decay;
    std::erase_if(group.parameters, [](const OptimizedParameter& one) { return !one.var->requires_grad(); });
  }
  return groups;
}

}  // namespace

TrainingStep::TrainingStep(Module& network, Loss& loss, std::vector<ParameterGroup> groups,
                           const AdamSettings& optimizer, const OneCycle& schedule, DType features)
    : network_(network),
      loss_(loss),
      optimizer_(that_train(std::move(groups), optimizer.weight_decay),
                 {.beta2 = optimizer.beta2, .epsilon = optimizer.epsilon, .decay = optimizer.decay}),
      schedule_(schedule),
      features_(features) {
  optimizer_.begin();
}

void TrainingStep::set_steps_done(int64_t steps) {
  steps_done_ = steps;
  optimizer_.begin(steps);
}

std::vector<NamedTensor> TrainingStep::optimizer_tensors() const {
  std::vector<NamedTensor> tensors;
  for (auto& [name, value] : optimizer_.tensors()) {
    tensors.push_back({name, value});
    tensors.back().name[name.find('/')] = '.';
  }
  return tensors;
}

LossTerms TrainingStep::forward(const Tensor& input, const Tensor& target) {
  Var prediction = network_(Var(input.to(features_)));
  return loss_(prediction, Var(target.to(features_)));
}

LossTerms TrainingStep::forward_and_backward(const Tensor& input, const Tensor& target) {
  optimizer_.clear_gradients();
  Tape tape;
  LossTerms terms;
  {
    Recording recording(tape);
    terms = forward(input, target);
  }
  tape.backward(terms.total);
  return terms;
}

StepReport TrainingStep::run(const Tensor& input, const Tensor& target, const std::function<void()>& meanwhile) {
  OneCycle::Step rates = schedule_.at(steps_done_);
  LossTerms terms = forward_and_backward(input, target);
  if (meanwhile) meanwhile();
  StepReport report{.losses = values_of(terms), .learning_rates = rates.learning_rates, .beta1 = rates.beta1};
  for (size_t g = 0; g < optimizer_.groups().size(); ++g) {
    optimizer_.groups()[g].learning_rate = rates.learning_rates.at(g);
  }
  optimizer_.options().beta1 = rates.beta1;
  report.finite = std::isfinite(report.losses.front().second) && optimizer_.step();
  if (report.finite) ++steps_done_;
  return report;
}

std::string TrainingStep::explain_fault(const Tensor& input, const Tensor& target) {
  if (int64_t n = not_finite(input)) return fault_text("the batch's input", input, n);
  if (int64_t n = not_finite(target)) return fault_text("the batch's target", target, n);
  auto parameters = network_.parameters();
  for (auto& [name, parameter] : parameters) {
    if (int64_t n = not_finite(parameter->var.value())) return fault_text(name, parameter->var.value(), n);
  }
  std::string fault;
  LossTerms terms;
  {
    ForwardObserver observer([&](const Module& module, const Var& output) {
      if (!fault.empty()) return;
      if (int64_t n = not_finite(output.value())) {
        fault = fault_text(fmt::format("{}: the output", module.path()), output.value(), n);
      }
    });
    terms = forward_and_backward(input, target);
  }
  if (!fault.empty()) return fault;
  for (const auto& [name, term] : terms.terms) {
    if (not_finite(term.value()) > 0) return fmt::format("the loss term {} is {}", name, term.value().item());
  }
  // Backward runs from the output to the input, so the last parameter is the first that a bad gradient reaches.
  for (auto named = parameters.rbegin(); named != parameters.rend(); ++named) {
    if (!named->second->trainable()) continue;
    const Tensor& gradient = named->second->var.gradient();
    if (int64_t n = not_finite(gradient)) return fault_text("the gradient of " + named->first, gradient, n);
  }
  return "all values were finite when the step was done again";
}

Losses TrainingStep::evaluate(const Tensor& input, const Tensor& target) {
  NoGrad no_grad;
  return values_of(forward(input, target));
}

Tensor TrainingStep::predict(const Tensor& input) {
  NoGrad no_grad;
  return network_(Var(input.to(features_))).value();
}

}  // namespace cuunet
