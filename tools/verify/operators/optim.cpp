#include "autograd/optim/optimizer.h"
#include "tools/verify/operators/operators.h"

#include <deque>

namespace cuunet {
namespace {

// The parameters of a case, and what became of them step by step.
class Run {
 public:
  explicit Run(CaseRun& run) : run_(run), steps_(run.definition().json().at("steps").get<int>()) {}

  OptimizedParameter parameter(const std::string& name, bool decays = true) {
    vars_.push_back(Var::leaf(run_.state(name)));
    names_.push_back(name);
    history_.emplace_back();
    return {name, &vars_.back(), decays};
  }

  // Runs all steps; before each, `prepare` may set rates.
  template <class Prepare>
  void steps(Optimizer& optimizer, const Prepare& prepare) {
    for (int step = 0; step < steps_; ++step) {
      prepare(step);
      for (size_t i = 0; i < vars_.size(); ++i) vars_[i].set_gradient(gradient(names_[i], step));
      optimizer.step();
      for (size_t i = 0; i < vars_.size(); ++i) {
        for (double value : vars_[i].value().to_host()) history_[i].push_back(value);
      }
    }
    for (size_t i = 0; i < vars_.size(); ++i) run_.output(names_[i] + "_steps", history_[i]);
    for (const Optimizer::StateTensor& state : optimizer.state()) {
      size_t slash = state.name.find('/');
      if (state.name.substr(0, slash) == "step") continue;
      run_.output(state.name.substr(slash + 1) + "_" + state.name.substr(0, slash), state.value);
    }
  }

 private:
  Tensor gradient(const std::string& name, int step) const {
    std::string listed = name + "/grad_1 .. " + name + "/grad_5";
    auto values = run_.definition().input_values(listed, fmt::format("{}/grad_{}", name, step + 1));
    return Tensor::from_host(run_.context(), Shape(run_.definition().input_shape(listed)), run_.parameter_dtype(),
                             values);
  }

  CaseRun& run_;
  int steps_;
  std::deque<Var> vars_;
  std::vector<std::string> names_;
  std::vector<std::vector<double>> history_;
};

void run_adam_with(CaseRun& run, WeightDecay decay) {
  Run all(run);
  auto betas = run.config<std::vector<double>>("betas");
  Adam adam({{.parameters = {all.parameter("p")},
              .learning_rate = run.config<double>("lr"),
              .weight_decay = run.config<double>("weight_decay")}},
            {.beta1 = betas[0], .beta2 = betas[1], .epsilon = run.config<double>("eps"), .decay = decay});
  all.steps(adam, [](int) {});
}

// One rate for all, one per layer group, or, where beta1 is scheduled too, one per step.
std::vector<double> numbers(const nlohmann::json& value) {
  return value.is_array() ? value.get<std::vector<double>>() : std::vector<double>{value.get<double>()};
}

}  // namespace

void run_sgd(CaseRun& run) {
  Run all(run);
  Sgd sgd({{.parameters = {all.parameter("p")},
            .learning_rate = run.config<double>("lr"),
            .weight_decay = run.config<double>("weight_decay")}},
          {.momentum = run.config<double>("momentum")});
  all.steps(sgd, [](int) {});
}

void run_adam(CaseRun& run) { run_adam_with(run, WeightDecay::into_gradient); }
void run_adamw(CaseRun& run) { run_adam_with(run, WeightDecay::decoupled); }

void run_fastai_adamw(CaseRun& run) {
  Run all(run);
  const nlohmann::json& config = run.definition().json().at("config");
  bool all_decay = run.config<bool>("bn_wd"), scheduled = config.contains("beta1");
  std::vector<double> rates = numbers(config.at("lr"));
  std::vector<double> beta1 = scheduled ? numbers(config["beta1"]) : std::vector{config.at("betas")[0].get<double>()};
  double beta2 = scheduled ? config.at("beta2").get<double>() : config.at("betas")[1].get<double>();
  double wd = run.config<double>("wd");

  ParameterGroup convolution{.parameters = {all.parameter("conv_weight"), all.parameter("conv_bias", all_decay)},
                             .learning_rate = rates.front(),
                             .weight_decay = wd};
  ParameterGroup norm{.parameters = {all.parameter("bn_weight", all_decay), all.parameter("bn_bias", all_decay)},
                      .learning_rate = rates.back(),
                      .weight_decay = wd};
  Adam adam({convolution, norm},
            {.beta1 = beta1[0],
             .beta2 = beta2,
             .epsilon = run.config<double>("eps"),
             .decay = run.config<bool>("true_wd") ? WeightDecay::decoupled : WeightDecay::into_gradient});
  all.steps(adam, [&](int step) {
    if (!scheduled) return;
    adam.options().beta1 = beta1[static_cast<size_t>(step)];
    for (ParameterGroup& group : adam.groups()) group.learning_rate = rates[static_cast<size_t>(step)];
  });
}

}  // namespace cuunet
