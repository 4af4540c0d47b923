// Steps of training through the trainer's own step: each step's losses and rates, and where the network is in the end.
#include "kernels/device/error.h"
#include "layers/losses/feature_loss.h"
#include "tools/training/training_step.h"
#include "tools/verify/network_results.h"
#include "tools/verify/unet/network.h"
#include "tools/verify/unet/schedule.h"
#include "tools/verify/unet/unet.h"

#include <algorithm>

namespace cuunet {
namespace {

using Json = nlohmann::json;
using Values = std::map<std::string, std::vector<double>>;

Values values_of(Module& network) {
  Values values;
  for (const StateEntry& entry : network.state()) values[entry.name] = entry.value.to_host();
  return values;
}

AdamSettings adam_settings_of(const Json& training) {
  if (training.at("optimizer") != "adam") throw Error("no optimizer '{}'", training["optimizer"].dump());
  if (training.at("decay_batch_norm_and_biases") != true) throw Error("weight decay is for every tensor");
  return {.beta2 = training.at("beta2"),
          .epsilon = training.at("eps"),
          .weight_decay = training.at("decoupled_weight_decay"),
          .decay = WeightDecay::decoupled};
}

// How many tensors and numbers of each group train.
void compare_trainable(NetworkCase& run, const Adam& optimizer) {
  const Json& expected = run.at("training").at("trainable");
  for (size_t g = 0; g < expected.size(); ++g) {
    int64_t values = 0;
    const ParameterGroup& group = optimizer.groups().at(g);
    for (const OptimizedParameter& one : group.parameters) values += one.var->value().elements();
    run.comparison.scalar("trainable", static_cast<double>(group.parameters.size()), expected[g].at("tensors"),
                          Tolerance{});
    run.comparison.scalar("trainable", static_cast<double>(values), expected[g].at("values"), Tolerance{});
  }
}

// Rates are computed in double whatever the precision of the run.
constexpr Tolerance rate_tolerance{.relative = 1e-12};

void compare_step(NetworkCase& run, const Json& expected, const StepReport& report, double beta2) {
  auto name_of = [&](const std::string& what) {
    return fmt::format("step_{}/{}", expected.at("step").get<int>(), what);
  };
  for (const auto& [name, value] : report.losses) {
    run.comparison.scalar(name_of(name), value, expected.at(name), {.relative = expected.at("rtol").get<double>()});
  }
  for (size_t g = 0; g < report.learning_rates.size(); ++g) {
    run.comparison.scalar(name_of("lr"), report.learning_rates[g], expected.at("lr").at(g), rate_tolerance);
  }
  run.comparison.scalar(name_of("beta1"), report.beta1, expected.at("beta1"), rate_tolerance);
  run.comparison.scalar(name_of("beta2"), beta2, expected.at("beta2"), rate_tolerance);
}

std::vector<double> difference(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> result(a.size());
  for (size_t i = 0; i < a.size(); ++i) result[i] = a[i] - b[i];
  return result;
}

// after/<entry>, and moved/<entry> = after - before.
void compare_network(NetworkCase& run, const Values& before, const Values& after) {
  for (const std::string& name : expected_tensors(run.definition)) {
    if (name == "eval_output_after") continue;
    size_t slash = name.find('/');
    std::string kind = name.substr(0, slash), entry = name.substr(slash + 1);
    if (!after.contains(entry)) throw Error("the network has no '{}'", name);
    if (kind == "after")
      run.comparison.values(name, after.at(entry));
    else if (kind == "moved")
      run.comparison.values(name, difference(after.at(entry), before.at(entry)));
    else
      throw Error("no result is called '{}'", name);
  }
}

}  // namespace

void run_trajectory(NetworkCase& run) {
  const Json& training = run.at("training");
  DynamicUnet network(run.placement(), unet_options(run.at("model")));
  fill_network(network, run.definition.json());
  network.set_encoder_frozen(training.at("frozen"));
  VGG vgg(run.placement(), {.architecture = "vgg16_bn"});
  fill_network(vgg, run.definition.json());
  FeatureLoss loss(vgg, {});
  std::vector<ParameterGroup> groups = parameter_groups(network);
  OneCycle schedule = one_cycle_of(training.at("schedule"), static_cast<int>(groups.size()));
  AdamSettings adam = adam_settings_of(training);
  TrainingStep step(network, loss, std::move(groups), adam, schedule, run.dtype());
  compare_trainable(run, step.optimizer());

  Tensor input = run.input("input"), target = run.input("target");
  Values before = values_of(network);
  size_t steps = run.at("steps").size();
  size_t asked = run.options.steps > 0 ? static_cast<size_t>(run.options.steps) : steps;
  for (size_t k = 0; k < std::min(steps, asked); ++k) {
    compare_step(run, run.at("steps").at(k), step.run(input, target), adam.beta2);
  }
  if (asked < steps) return;
  compare_network(run, before, values_of(network));
  ModeScope evaluation(network, false);
  run.comparison.tensor("eval_output_after", step.predict(input));
  run.comparison.scalar("eval_loss_after", step.evaluate(input, target).front().second,
                        run.at("scalars").at("eval_loss_after"), scalar_tolerance(run.definition, "eval_loss_after"));
}

}  // namespace cuunet
