// In eval mode a layer keeps what it derives from its weights: normalised, folded with a batch norm, packed. All of it
// must follow when the weights are overwritten, and when training comes between.
#include "layers/nn/conv2d.h"

#include "engine/device/host_context.h"
#include "layers/nn/convolution_batch_norm.h"
#include "tests/checks/operator_check.h"

#include <doctest/doctest.h>

using namespace cuunet;

namespace {

// Doubles every value of the layer's tensor of that name.
void overwrite(Module& module, const std::string& name) {
  for (StateEntry& entry : module.state()) {
    if (entry.name != name) continue;
    std::vector<double> values = entry.value.to_host();
    for (double& v : values) v = 2 * v + 0.25;
    entry.value.assign(values);
  }
}

Var picture(Context& context) {
  return Var(Tensor::from_host(context, {1, 12, 7, 7}, DType::f32, named_inputs("picture", {1, 12, 7, 7})));
}

}  // namespace

TEST_CASE("a convolution in eval mode follows its weights") {
  HostContext context({.threads = 2});
  Var x = picture(context);
  for (auto [norm, name] : {std::pair{WeightNorm::none, "weight"},
                            {WeightNorm::weight, "weight_v"},
                            {WeightNorm::spectral, "weight_orig"}}) {
    CAPTURE(name);
    Conv2d layer({context}, Conv2dOptions{.in = 12, .out = 20, .norm = norm});
    layer.initialise(1);
    layer.set_training(false);
    std::vector<double> before = layer(x).value().to_host();
    CHECK(layer(x).value().to_host() == before);
    overwrite(layer, name);
    std::vector<double> after = layer(x).value().to_host();
    CHECK(after != before);
    Tape tape;
    Recording recording(tape);  // computes from the parameters, without what is kept
    CHECK(layer(x).value().to_host() == after);
  }
}

TEST_CASE("a convolution folded with its batch norm follows both") {
  HostContext context({.threads = 2});
  Var x = picture(context);
  Conv2d convolution({context}, Conv2dOptions{.in = 12, .out = 20, .bias = false});
  BatchNorm2d batch_norm({context}, BatchNorm2dOptions{20});
  convolution.initialise(1);
  batch_norm.initialise(1);
  convolution.set_training(false);
  batch_norm.set_training(false);
  ConvolutionBatchNorm both(convolution, batch_norm);
  auto check = [&] {
    std::vector<double> found = both(x, false).value().to_host();
    std::vector<double> expected = batch_norm(convolution(x)).value().to_host();
    double largest = 0;
    for (size_t i = 0; i < found.size(); ++i) largest = std::max(largest, std::abs(found[i] - expected[i]));
    CHECK(largest < 1e-4);  // sums of 108 products of size 1 in f32, scaled before or after
  };
  check();
  overwrite(convolution, "weight");
  check();
  overwrite(batch_norm, "running_var");
  check();
}
