#include "weights/mapping/folding.h"

#include "engine/device/host_context.h"
#include "kernels/device/error.h"
#include "layers/nn/conv_layer.h"
#include "weights/mapping/unet_file.h"

#include <doctest/doctest.h>

namespace cuunet {
namespace {

std::vector<std::string> names_of(const std::vector<StoredTensor>& tensors) {
  std::vector<std::string> names;
  for (const StoredTensor& tensor : tensors) names.push_back(tensor.name);
  return names;
}

TEST_CASE("folding: weight norm over each output channel, under old names and new ones") {
  std::vector<float> v{3, 4, 0, 2}, g{10, 6}, bias{1, 1};
  for (auto [gain, direction] : {std::pair{"a.weight_g", "a.weight_v"},
                                 {"a.parametrizations.weight.original0", "a.parametrizations.weight.original1"}}) {
    OwnedTensors owned;
    auto folded = fold_norms(
        {stored_tensor("a.bias", {2}, bias), stored_tensor(gain, {2, 1}, g), stored_tensor(direction, {2, 2}, v)},
        owned);
    CHECK(names_of(folded) == std::vector<std::string>{"a.bias", "a.weight"});
    CHECK(folded[1].shape == std::vector<int64_t>{2, 2});
    CHECK(to_floats(folded[1]) == std::vector<float>{6, 8, 0, 6});
  }
}

TEST_CASE("folding: the gain may belong to the second dimension") {
  std::vector<float> v{3, 0, 4, 2}, g{10, 6};
  OwnedTensors owned;
  auto folded = fold_norms({stored_tensor("weight_g", {1, 2}, g), stored_tensor("weight_v", {2, 2}, v)}, owned);
  CHECK(to_floats(folded[0]) == std::vector<float>{6, 0, 8, 6});
}

TEST_CASE("folding: spectral norm divides by the estimated singular value, also of a transposed weight") {
  std::vector<float> w{1, 2, 3, 4, 5, 6}, u2{1, 0}, v3{0, 1, 0}, u3{0, 0, 1}, v2{0, 1};
  OwnedTensors owned;
  auto plain = fold_norms(
      {stored_tensor("weight_orig", {2, 3}, w), stored_tensor("weight_u", {2}, u2), stored_tensor("weight_v", {3}, v3)},
      owned);
  CHECK(to_floats(plain[0]) == std::vector<float>{0.5, 1, 1.5, 2, 2.5, 3});
  auto transposed = fold_norms(
      {stored_tensor("weight_orig", {2, 3}, w), stored_tensor("weight_u", {3}, u3), stored_tensor("weight_v", {2}, v2)},
      owned);
  CHECK(to_floats(transposed[0]) == std::vector<float>{1.0f / 6, 2.0f / 6, 0.5, 4.0f / 6, 5.0f / 6, 1});
}

TEST_CASE("folding: parts that don't fit are named, lone ones stay") {
  std::vector<float> w{1, 2, 3, 4}, u{1, 2, 3};
  OwnedTensors owned;
  CHECK_THROWS_WITH_AS(
      fold_norms({stored_tensor("a.weight_g", {3, 1}, u), stored_tensor("a.weight_v", {2, 2}, w)}, owned),
      "a.weight: 3 gains don't fit a weight of 4 elements", Error);
  CHECK_THROWS_WITH_AS(fold_norms({stored_tensor("a.weight_orig", {2, 2}, w), stored_tensor("a.weight_u", {3}, u),
                                   stored_tensor("a.weight_v", {3}, u)},
                                  owned),
                       "a.weight: u of 3 and v of 3 elements don't fit a weight of 4", Error);
  CHECK(fold_norms({stored_tensor("a.weight_g", {3, 1}, u)}, owned).size() == 1);
}

// The layers' own arithmetic is the other side: a network with its norm, and one without it under the folded weights.
TEST_CASE("folding: a layer with its norm and one with the folded weight agree") {
  HostContext context({.threads = 1});
  for (NormType norm : {NormType::weight, NormType::spectral}) {
    ConvLayer with({context}, {.in = 8, .out = 16, .norm = norm}),
        without({context}, {.in = 8, .out = 16, .norm = NormType::none});
    with.initialise(3);
    with.set_training(false);
    without.set_training(false);
    StoredState state(with, "");
    OwnedTensors owned;
    std::map<std::string, std::vector<double>> values;
    for (const StoredTensor& tensor : fold_norms(state.tensors(), owned)) values[tensor.name] = to_doubles(tensor);
    for (StateEntry& entry : without.state()) entry.value.assign(values.at(entry.name));
    std::vector<float> x(8 * 25);
    for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 7) - 3;
    NoGrad no_grad;
    Var input(Tensor::from_host(context, {1, 8, 5, 5}, DType::f32, x));
    std::vector<double> a = with(input).value().to_host(), b = without(input).value().to_host();
    // Sums of 72 products in f32, up to about 10.
    for (size_t i = 0; i < a.size(); ++i) CHECK(a[i] == doctest::Approx(b[i]).epsilon(1e-5));
  }
}

}  // namespace
}  // namespace cuunet
