#include "tools/training/training_step.h"

#include "engine/device/host_context.h"
#include "layers/losses/feature_loss.h"
#include "layers/models/dynamic_unet.h"
#include "tests/tools/training/drawn_pictures.h"
#include "tools/training/colorization_task.h"

#include <doctest/doctest.h>

#include <limits>

namespace cuunet {
namespace {

constexpr int64_t side = 64;

struct Fixture {
  HostContext context{{.threads = 1}};
  DynamicUnet network{Placement{context}, {.encoder = "resnet18", .norm = NormType::weight, .blur = true}};
  PixelLoss loss;
  Tensor input = drawn_pictures(context, side, 0), target = drawn_pictures(context, side, 1);

  Fixture() { network.initialise(1); }
  TrainingStep step(bool frozen, DType features = DType::f32) {
    network.set_encoder_frozen(frozen);
    OneCycle schedule{.group_max = {1e-4, 1e-4, 1e-3}, .total_steps = 4, .pct_start = 0.9};
    return TrainingStep(network, loss, parameter_groups(network), {}, schedule, features);
  }
  std::map<std::string, std::vector<double>> values() {
    std::map<std::string, std::vector<double>> values;
    for (auto& [name, parameter] : network.parameters()) values[name] = parameter->var.value().to_host();
    return values;
  }
  Parameter& parameter(const std::string& wanted) {
    for (auto& [name, parameter] : network.parameters()) {
      if (name == wanted) return *parameter;
    }
    throw Error("no parameter {}", wanted);
  }
};

bool is_norm_of_encoder(const std::string& name) {
  return name.find(".bn") != std::string::npos || name.find("downsample.1") != std::string::npos ||
         name.starts_with("layers.0.1.");
}

TEST_CASE("training_step: a frozen encoder trains its batch norms only, and the loss falls") {
  Fixture f;
  TrainingStep step = f.step(true);
  auto before = f.values();
  StepReport first = step.run(f.input, f.target), last;
  for (int i = 1; i < 4; ++i) last = step.run(f.input, f.target);
  CHECK(first.finite);
  CHECK(first.losses.at(0).first == "loss");
  CHECK(first.beta1 == 0.95);
  CHECK(first.learning_rates.at(2) == doctest::Approx(1e-3 / 25));
  CHECK(last.losses.at(0).second < first.losses.at(0).second);
  for (auto& [name, now] : f.values()) {
    CAPTURE(name);
    bool stays = DynamicUnet::group_of(name) < 2 && !is_norm_of_encoder(name);
    CHECK((now == before.at(name)) == stays);
  }
}

TEST_CASE("training_step: unfrozen, everything moves") {
  Fixture f;
  auto before = f.values();
  f.step(false).run(f.input, f.target);
  for (auto& [name, now] : f.values()) {
    CAPTURE(name);
    CHECK(now != before.at(name));
  }
}

TEST_CASE("training_step: bf16 maps train f32 weights") {
  Fixture f;
  TrainingStep step = f.step(true, DType::bf16);
  double first = step.run(f.input, f.target).losses.at(0).second, last = first;
  for (int i = 1; i < 4; ++i) last = step.run(f.input, f.target).losses.at(0).second;
  CHECK(last < first);
  CHECK(f.parameter("layers.4.conv1.0.bias").var.dtype() == DType::f32);
  CHECK(step.predict(f.input).dtype() == DType::bf16);
}

TEST_CASE("training_step: after the first step the system is asked for no more memory") {
  for (DType features : {DType::f32, DType::bf16}) {
    CAPTURE(name_of(features));
    Fixture f;
    VGG judge({f.context}, {});
    judge.initialise(2);
    FeatureLoss loss(judge, {});
    f.network.set_encoder_frozen(false);
    OneCycle schedule{.group_max = {1e-4, 1e-4, 1e-3}, .total_steps = 4, .pct_start = 0.9};
    TrainingStep step(f.network, loss, parameter_groups(f.network), {}, schedule, features);
    step.run(f.input, f.target);
    int64_t asked = f.context.arena().system_allocations();
    for (int i = 1; i < 4; ++i) step.run(f.input, f.target);
    CHECK(f.context.arena().system_allocations() == asked);
  }
}

TEST_CASE("training_step: a value that is not finite stops the update, and its layer is named") {
  Fixture f;
  TrainingStep step = f.step(true);
  auto fault_after = [&](const std::string& name, double value) {
    Tensor weight = f.parameter(name).var.value();
    std::vector<double> values = weight.to_host(), broken = values;
    broken[3] = value;
    weight.assign(broken);
    auto before = f.values();
    StepReport report = step.run(f.input, f.target);
    CHECK(!report.finite);
    CHECK(step.steps_done() == 0);
    bool unchanged = true;
    for (auto& [other, now] : f.values()) unchanged = unchanged && (other == name || now == before.at(other));
    CHECK(unchanged);
    std::string fault = step.explain_fault(f.input, f.target);
    weight.assign(values);
    return fault;
  };
  double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(fault_after("layers.0.1.bias", nan) == "layers.0.1.bias holds 1 values that are not finite, of 64");
  CHECK(fault_after("layers.0.4.0.conv1.weight", nan) ==
        "layers.0.4.0.conv1.weight holds 1 values that are not finite, of 36864");
  // Finite weights whose layer overflows: its output is named, not what that spoils further on.
  CHECK(fault_after("layers.1.weight", 3e38).starts_with("layers.1: the output holds "));
}

TEST_CASE("training_step: a batch that is not finite is named") {
  Fixture f;
  TrainingStep step = f.step(true);
  std::vector<double> values = f.input.to_host();
  values[7] = std::numeric_limits<double>::infinity();
  f.input.assign(values);
  CHECK(!step.run(f.input, f.target).finite);
  CHECK(step.explain_fault(f.input, f.target) ==
        fmt::format("the batch's input holds 1 values that are not finite, of {}", 2 * 3 * side * side));
}

}  // namespace
}  // namespace cuunet
