// The numbers of five steps of each optimiser are conformance cases (sgd, adam, adamw, fastai_adamw); here is what the
// cases don't show.
#include "autograd/optim/optimizer.h"

#include "engine/device/host_context.h"
#include "kernels/device/error.h"
#include "tests/checks/operator_check.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace cuunet;

namespace {

Tensor tensor(Context& context, const std::string& name, Shape shape, DType dtype = DType::f32) {
  return Tensor::from_host(context, shape, dtype, named_inputs(name, shape));
}

// Two parameters, of which the first has pad lanes, and gradients drawn by name and step.
struct Network {
  Var weight, bias;

  explicit Network(Context& context)
      : weight(Var::leaf(tensor(context, "weight", {5, 3, 2, 2}))), bias(Var::leaf(tensor(context, "bias", {5}))) {}
  void draw_gradients(int step) {
    std::string number = std::to_string(step);
    weight.set_gradient(tensor(weight.context(), "grad_weight" + number, weight.shape()));
    bias.set_gradient(tensor(bias.context(), "grad_bias" + number, bias.shape()));
  }
  std::vector<ParameterGroup> group() {
    return {{.parameters = {{"weight", &weight}, {"bias", &bias}}, .learning_rate = 0.01, .weight_decay = 0.1}};
  }
};

void run(Network& network, Optimizer& optimizer, int first, int last) {
  for (int step = first; step < last; ++step) {
    network.draw_gradients(step);
    REQUIRE(optimizer.step());
  }
}

}  // namespace

TEST_CASE("an optimiser that stops and is restored from its state goes on with the same bits") {
  HostContext context;
  Network through(context), stopped(context);
  Adam adam(through.group(), {.beta2 = 0.99});
  run(through, adam, 0, 5);

  Adam before(stopped.group(), {.beta2 = 0.99}), after(stopped.group(), {.beta2 = 0.99});
  run(stopped, before, 0, 2);
  auto state = before.state();
  CHECK(state.size() == 6);
  CHECK(state[0].name == "step/weight");
  CHECK(state[1].name == "exp_avg/weight");
  for (const auto& saved : state) after.restore(saved.name, saved.value.clone());
  run(stopped, after, 2, 5);
  CHECK(stopped.weight.value().to_host() == through.weight.value().to_host());
  CHECK(stopped.bias.value().to_host() == through.bias.value().to_host());
}

TEST_CASE("pad lanes stay zero") {
  HostContext context;
  Network network(context);
  Adam adam(network.group(), {});
  Sgd sgd(network.group(), {.momentum = 0.9});
  run(network, adam, 0, 2);
  run(network, sgd, 2, 4);
  CHECK(pad_lanes_are_zero(network.weight.view()));
  for (const auto& saved : adam.state()) CHECK(pad_lanes_are_zero(saved.value.view()));
}

TEST_CASE("one gradient that is NaN or infinite leaves every parameter and state as it was") {
  HostContext context;
  for (double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
                     -std::numeric_limits<double>::infinity()}) {
    Network network(context);
    Adam adam(network.group(), {});
    run(network, adam, 0, 1);
    auto weight = network.weight.value().to_host();
    auto moment = adam.state()[1].value.to_host();
    network.draw_gradients(1);
    std::vector<double> gradient = network.bias.gradient().to_host();
    gradient.back() = bad;
    network.bias.set_gradient(Tensor::from_host(context, {5}, DType::f32, gradient));
    CHECK_FALSE(adam.step());
    CHECK(network.weight.value().to_host() == weight);
    CHECK(adam.state()[0].value.item() == 1);
    CHECK(adam.state()[1].value.to_host() == moment);
  }
}

TEST_CASE("a parameter without a gradient is left alone and counts no step") {
  HostContext context;
  Network network(context);
  Adam adam(network.group(), {});
  network.draw_gradients(0);
  network.bias.clear_gradient();
  auto bias = network.bias.value().to_host();
  CHECK(adam.step());
  CHECK(network.bias.value().to_host() == bias);  // not even decayed
  CHECK(adam.state().size() == 3);
  network.bias = Var(network.bias.value());  // frozen
  network.weight.clear_gradient();
  CHECK(adam.step());
}

TEST_CASE("an update marks the parameter as changed, and gradients can be cleared") {
  HostContext context;
  Network network(context);
  Sgd sgd(network.group(), {});
  network.draw_gradients(0);
  int64_t version = network.weight.value().version();
  sgd.step();
  CHECK(network.weight.value().version() == version + 1);
  sgd.clear_gradients();
  CHECK_FALSE(network.weight.gradient().defined());
}

TEST_CASE("any number of threads gives the same bits") {
  std::vector<std::vector<double>> results;
  for (int threads : {1, 2, 3}) {
    HostContext context({.threads = threads});
    Var p = Var::leaf(tensor(context, "p", {100003}));
    Adam adam({{.parameters = {{"p", &p}}, .learning_rate = 0.1, .weight_decay = 0.1}}, {});
    p.set_gradient(tensor(context, "g", {100003}));
    adam.step();
    results.push_back(p.value().to_host());
  }
  CHECK(results[0] == results[1]);
  CHECK(results[0] == results[2]);
}

TEST_CASE("state that fits nothing is refused") {
  HostContext context;
  Network network(context);
  Adam adam(network.group(), {});
  Tensor five = Tensor::zeros(context, {5}, DType::f32);
  CHECK_THROWS_WITH_AS(adam.restore("exp_avg/gamma", five),
                       "optimizer state 'exp_avg/gamma' belongs to no parameter of this optimizer", Error);
  CHECK_THROWS_WITH_AS(adam.restore("momentum_buffer/bias", five),
                       "optimizer state 'momentum_buffer/bias': this optimizer keeps no 'momentum_buffer'", Error);
  CHECK_THROWS_WITH_AS(adam.restore("exp_avg/weight", five),
                       "optimizer state 'exp_avg/weight': expected [5, 3, 2, 2], got [5]", ShapeError);
}
