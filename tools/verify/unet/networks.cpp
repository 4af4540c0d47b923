// Whole networks: the forward pass with its layers' outputs, and a training step's gradients.
#include "kernels/device/error.h"
#include "layers/losses/loss.h"
#include "tools/verify/network_results.h"
#include "tools/verify/unet/network.h"
#include "tools/verify/unet/unet.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cuunet {
namespace {

using Json = nlohmann::json;

// Each of these moves by no more than the output's elements do, so what is allowed to an element is allowed to them.
void compare_statistics(NetworkCase& run, const Tensor& output) {
  std::vector<double> values = output.to_host();
  auto count = static_cast<double>(values.size());
  double mean = std::accumulate(values.begin(), values.end(), 0.0) / count, squares = 0;
  for (double value : values) squares += (value - mean) * (value - mean);
  auto [low, high] = std::minmax_element(values.begin(), values.end());
  const std::map<std::string, double> found{{"output_mean", mean},
                                            {"output_std", std::sqrt(squares / (count - 1))},
                                            {"output_min", *low},
                                            {"output_max", *high}};
  const Json& tolerance = run.at("tolerances").at("output");
  for (const auto& [name, expected] : run.at("scalars").items()) {
    run.comparison.scalar(
        name, found.at(name), expected,
        {.absolute = tolerance.at("atol").get<double>(), .relative = tolerance.at("rtol").get<double>()});
  }
}

// Zero by its mathematics: no further from it than the case's probe of it allows.
void compare_zero_gradients(NetworkCase& run, DynamicUnet& network) {
  auto parameters = network.parameters();
  for (const std::string name : run.at("zero_gradients")) {
    auto named = [&](const auto& parameter) { return "grad/" + parameter.first == name; };
    auto found = std::find_if(parameters.begin(), parameters.end(), named);
    if (found == parameters.end()) throw Error("the network has no parameter for '{}'", name);
    double squares = 0;
    for (double value : found->second->var.gradient().to_host()) squares += value * value;
    run.comparison.scalar("zero_gradients", std::sqrt(squares), 0,
                          {.absolute = run.definition.probe_tolerance(name)[1]});
  }
}

}  // namespace

void run_evaluation(NetworkCase& run) {
  DynamicUnet network(run.placement(), unet_options(run.at("model")));
  fill_network(network, run.definition.json());
  network.set_training(false);
  ActivationComparison activations(run);
  Var output = network(Var(run.input("input")));
  run.comparison.tensor("output", output.value());
  compare_statistics(run, output.value());
}

void run_gradients(NetworkCase& run) {
  DynamicUnet network(run.placement(), unet_options(run.at("model")));
  fill_network(network, run.definition.json());
  Var input = Var::leaf(run.input("input"));
  PixelLoss loss;
  Tape tape;
  Var output;
  LossTerms terms;
  {
    Recording recording(tape);
    output = network(input);
    terms = loss(output, Var(run.input("target")));
  }
  tape.backward(terms.total);
  compare_scalar(run, "loss", terms.total.value().item());
  compare_results(run, {.inputs = {{"input", input}}, .output = output, .network = network});
  compare_zero_gradients(run, network);
}

}  // namespace cuunet
