#include "layers/models/dynamic_unet.h"

#include "autograd/ops/loss.h"
#include "engine/device/host_context.h"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <optional>

using namespace cuunet;

namespace {

int64_t parameter_count(Module& module) {
  int64_t count = 0;
  for (auto& [name, parameter] : module.parameters()) count += parameter->var.value().elements();
  return count;
}

}  // namespace

TEST_CASE("dynamic_unet: ResNet-34, 3 to 3 channels, has the original's parameter count") {
  HostContext context;
  DynamicUnet unet({context}, {.norm = NormType::batch});
  CHECK(parameter_count(unet) == 41229213);
}

TEST_CASE("dynamic_unet: output has the input's size, also where the encoder rounds up") {
  HostContext context;
  DynamicUnet unet({context}, {.encoder = "resnet18", .norm = NormType::weight, .blur = true});
  unet.initialise(1);
  ModeScope eval(unet, false);
  for (const Shape& shape : {Shape{1, 3, 64, 64}, Shape{2, 3, 36, 50}}) {
    Var y = unet(Var(Tensor::zeros(context, shape, DType::f32)));
    CHECK(y.shape() == shape);
    for (double value : y.value().to_host()) CHECK(std::isfinite(value));
  }
}

TEST_CASE("dynamic_unet: an odd side on a model built for even sizes is an error that names the layer") {
  HostContext context;
  DynamicUnet unet({context}, {.encoder = "resnet18"});
  CHECK_THROWS_AS(unet(Var(Tensor::zeros(context, {1, 3, 33, 64}, DType::f32))), LayerError);
}

TEST_CASE("dynamic_unet: frozen, the encoder trains its batch norms only") {
  HostContext context;
  DynamicUnet unet({context}, {.encoder = "resnet18"});
  unet.set_encoder_frozen(true);
  for (auto& [name, parameter] : unet.parameters()) {
    bool batch_norm = parameter->var.shape().rank() == 1;
    CHECK_MESSAGE(parameter->trainable() == (DynamicUnet::group_of(name) == 2 || batch_norm), name);
  }
}

TEST_CASE("dynamic_unet: backward reaches every parameter") {
  HostContext context;
  DynamicUnet unet({context}, {.encoder = "resnet18", .norm = NormType::weight, .blur = true});
  unet.initialise(3);
  Var x(Tensor::from_host(context, {2, 3, 32, 32}, DType::f32, std::vector<double>(2 * 3 * 32 * 32, 0.5)));
  Var target(Tensor::from_host(context, {2, 3, 32, 32}, DType::f32, std::vector<double>(2 * 3 * 32 * 32, -0.5)));
  Tape tape;
  Recording recording(tape);
  Var loss = l1_loss(unet(x), target);
  tape.backward(loss);
  for (auto& [name, parameter] : unet.parameters()) CHECK_MESSAGE(parameter->var.gradient().defined(), name);
}

namespace {

Var waves(Context& context, const Shape& shape) {
  std::vector<double> values(static_cast<size_t>(shape.elements()));
  for (size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<double>(i * i));
  return Var::leaf(Tensor::from_host(context, shape, DType::f64, values));
}

// y, then the gradients of the inputs and of the module's parameters.
std::vector<std::vector<double>> outcome_of(Module& module, const std::vector<Var>& inputs,
                                            const std::function<Var()>& forward, bool watched) {
  std::optional<ForwardObserver> observer;
  if (watched) observer.emplace([](const Module&, const Var&) {});
  Tape tape;
  Recording recording(tape);
  Var y = forward();
  tape.backward(y, waves(y.context(), y.shape()).value());
  std::vector<std::vector<double>> outcome{y.value().to_host()};
  std::vector<Var> leaves = inputs;
  for (auto& [name, parameter] : module.parameters()) leaves.push_back(parameter->var);
  for (Var& leaf : leaves) {
    outcome.push_back(leaf.gradient().to_host());
    leaf.clear_gradient();
  }
  return outcome;
}

}  // namespace

TEST_CASE("dynamic_unet: a block in one pass gives what its layers give step by step") {
  HostContext context;
  struct Row {
    bool blur, extra_bn;
    int convolutions;
  };
  for (Row row : {Row{false, false, 2}, Row{true, false, 2}, Row{true, true, 2}, Row{true, true, 1}}) {
    UnetBlock block({context, DType::f64}, {.up = 16,
                                            .shuffled = 8,
                                            .skip = 5,
                                            .out = 12,
                                            .norm = NormType::weight,
                                            .blur = row.blur,
                                            .self_attention = false,
                                            .skip_gradient = true,
                                            .extra_bn = row.extra_bn,
                                            .convolutions = row.convolutions});
    block.initialise(5);
    Var up = waves(context, {2, 16, 3, 4}), skip = waves(context, {2, 5, 6, 8});
    auto forward = [&] { return block(up, skip); };
    auto joined = outcome_of(block, {up, skip}, forward, false), steps = outcome_of(block, {up, skip}, forward, true);
    for (size_t t = 0; t < steps.size(); ++t) {
      REQUIRE(joined[t].size() == steps[t].size());
      for (size_t i = 0; i < steps[t].size(); ++i) {
        // Sums in double of another order: some hundred roundings of 1e-16 on values up to a hundred.
        CHECK(std::abs(joined[t][i] - steps[t][i]) <= 1e-11);
      }
    }
  }
}
