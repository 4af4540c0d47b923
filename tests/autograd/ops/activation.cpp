#include "autograd/ops/activation.h"

#include "kernels/device/error.h"
#include "tests/checks/operator_check.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace cuunet;

namespace {

Var vector(Context& context, std::vector<double> values) {
  return Var::leaf(Tensor::from_host(context, {static_cast<int64_t>(values.size())}, DType::f32, values));
}

Tensor half_of_ones(const Var& like, const Shape& shape) {
  std::vector<double> mask = named_inputs("mask", shape);
  for (double& m : mask) m = m < 0 ? 0 : 1;
  return Tensor::from_host(like.context(), shape, like.dtype(), mask);
}

}  // namespace

TEST_CASE("activations") {
  auto leaky = [](const Vars& in) { return leaky_relu(in[0], 0.2); };
  auto range = [](const Vars& in) { return sigmoid_range(in[0], -3, 3); };
  auto logistic = [](const Vars& in) { return sigmoid(in[0]); };
  auto hyperbolic = [](const Vars& in) { return tanh(in[0]); };
  constexpr OperatorTolerance exact{.f32 = 0.5e-9, .bf16 = 0.5e-9};
  for (const OperatorCase& row : {
           OperatorCase{"relu/padded_tail", {{{2, 99, 3, 3}}}, [](const Vars& in) { return relu(in[0]); }, exact},
           OperatorCase{"leaky_relu/padded_tail", {{{3, 99, 2, 1}}}, leaky},
           OperatorCase{"leaky_relu/vector", {{{37}}}, leaky},
           OperatorCase{"leaky_relu/threads", {{{1, 64, 40, 30}}}, leaky},
           OperatorCase{"sigmoid/small", {{{2, 3, 4, 5}}}, logistic},
           OperatorCase{"sigmoid_range/far", {{{1, 3, 9, 7}, 0, 20}}, range},
           OperatorCase{"sigmoid_range/vector", {{{7}}}, range},
           OperatorCase{"tanh/small", {{{2, 3, 4, 5}}}, hyperbolic},
           OperatorCase{"tanh/far", {{{1, 8, 9, 7}, 0, 10}}, hyperbolic},
       }) {
    check_operator(row);
  }
}

TEST_CASE("activations at the kink and at infinity") {
  HostContext context;
  double inf = std::numeric_limits<double>::infinity();
  Var x = vector(context, {0, -0.0});
  Tape tape;
  Recording recording(tape);
  tape.backward(leaky_relu(x, 0.25), Tensor::from_host(context, {2}, DType::f32, std::vector<double>{4, 4}));
  CHECK(x.gradient().to_host() == std::vector<double>{1, 1});
  CHECK(sigmoid(vector(context, {-inf, inf})).value().to_host() == std::vector<double>{0, 1});
  CHECK(std::isnan(leaky_relu(vector(context, {NAN})).value().item()));
}

TEST_CASE("dropout") {
  auto drawn = [](DropoutParams params) { return [params](const Vars& in) { return dropout(in[0], params); }; };
  auto masked = [](double p) {
    return [p](const Vars& in) { return dropout(in[0], half_of_ones(in[0], in[0].shape()), p); };
  };
  auto maps = [](const Vars& in) {
    return dropout(in[0], half_of_ones(in[0], {in[0].shape()[0], in[0].shape()[1], 1, 1}), 0.15);
  };
  for (const OperatorCase& row : {
           OperatorCase{"dropout/drawn", {{{2, 99, 7, 5}}}, drawn({.p = 0.15, .seed = 5, .offset = 2})},
           OperatorCase{"dropout/vector", {{{1001}}}, drawn({.p = 0.5, .seed = 5})},
           OperatorCase{"dropout/maps", {{{2, 30, 5, 7}}}, drawn({.p = 0.5, .per_map = true, .seed = 6})},
           OperatorCase{"dropout/mask", {{{2, 99, 3, 3}}}, masked(0.5)},
           OperatorCase{"dropout/p_0", {{{2, 5, 3, 3}}}, drawn({.p = 0})},
           OperatorCase{"dropout/mask_p_1", {{{2, 5, 3, 3}}}, masked(1)},
           OperatorCase{"dropout2d/mask", {{{2, 99, 3, 3}}}, maps},
       }) {
    check_operator(row);
  }
}

TEST_CASE("dropout keeps its share and scales it") {
  HostContext context;
  Tensor ones = Tensor::from_host(context, {1, 8, 100, 100}, DType::f32, std::vector<double>(80000, 1.0));
  auto kept_of = [&](DropoutParams params) {
    std::vector<double> y = dropout(Var(ones), params).value().to_host();
    for (double v : y) REQUIRE((v == 0 || v == 4));
    return static_cast<double>(std::count(y.begin(), y.end(), 4.0)) / 80000;
  };
  // Five standard deviations of a share of 80000 draws at p = 0.75: 5·sqrt(0.75·0.25/80000).
  CHECK(std::abs(kept_of({.p = 0.75, .seed = 1}) - 0.25) < 0.0077);
  CHECK(dropout(Var(ones), {.seed = 1}).value().to_host() !=
        dropout(Var(ones), {.seed = 1, .offset = 1}).value().to_host());
  CHECK(dropout(Var(ones), {.seed = 1}).value().to_host() != dropout(Var(ones), {.seed = 2}).value().to_host());
  CHECK(dropout(Var(ones), {.p = 1}).value().to_host() == std::vector<double>(80000, 0.0));
}

TEST_CASE("dropout refuses what is no probability, and a mask that does not fit") {
  HostContext context;
  Var x(Tensor::zeros(context, {2, 3}, DType::f32));
  CHECK_THROWS_WITH_AS(dropout(x, {.p = 1.5}), "dropout expects a probability p in [0, 1], got 1.5", Error);
  CHECK_THROWS_AS(dropout(x, {.per_map = true}), ShapeError);
  CHECK_THROWS_AS(dropout(x, Tensor::zeros(context, {2, 1}, DType::f32), 0.5), ShapeError);
}
