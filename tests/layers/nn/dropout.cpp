#include "layers/nn/dropout.h"

#include "engine/device/host_context.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace cuunet {
namespace {

std::vector<double> pass(Dropout& layer, Context& context) {
  NoGrad no_grad;
  std::vector<float> ones(2 * 8 * 4 * 4, 1.0f);
  return layer(Var(Tensor::from_host(context, {2, 8, 4, 4}, DType::f32, std::span<const float>(ones))))
      .value()
      .to_host();
}

}  // namespace

TEST_CASE("dropout draws a new mask each time in training, and the same ones again from the same count") {
  HostContext context;
  Dropout layer({.context = context}, {.p = 0.5});
  layer.initialise(7);
  std::vector<double> first = pass(layer, context), second = pass(layer, context);
  CHECK(first != second);
  CHECK(layer.draws() == 2);
  layer.set_draws(0);
  CHECK(pass(layer, context) == first);
  CHECK(pass(layer, context) == second);
  auto zeros = std::count(first.begin(), first.end(), 0.0);
  CHECK(zeros > 64);  // of 256
  CHECK(zeros < 192);
  CHECK(*std::max_element(first.begin(), first.end()) == 2.0);
}

TEST_CASE("dropout of maps takes whole maps; in eval nothing is dropped") {
  HostContext context;
  Dropout layer({.context = context}, {.p = 0.5, .per_map = true});
  layer.initialise(7);
  std::vector<double> values = pass(layer, context);  // [2, 8, 4, 4]
  for (size_t map = 0; map < 16; ++map) {
    for (size_t i = 0; i < 16; ++i) CHECK(values[map * 16 + i] == values[map * 16]);
  }
  CHECK(std::count(values.begin(), values.end(), 0.0) > 0);
  layer.set_training(false);
  CHECK(pass(layer, context) == std::vector<double>(256, 1.0));
}

}  // namespace cuunet
