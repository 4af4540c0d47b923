#include "autograd/ops/weight_norms.h"

#include "kernels/device/error.h"
#include "tests/checks/operator_check.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace cuunet;

namespace {

// f32 parameters in every mode: an operator on them has nothing to do with bf16.
constexpr OperatorTolerance parameters{.f32 = 1e-6, .bf16 = 1e-6};
// The gradient subtracts its part along the weight: as large as itself at most, some more roundings.
constexpr OperatorTolerance cancelling{.f32 = 4e-6, .bf16 = 4e-6};

Tensor unit_vector(Context& context, int64_t n, DType dtype) {
  std::vector<double> values = named_inputs("unit", {n});
  double square = 0;
  for (double v : values) square += v * v;
  for (double& v : values) v /= std::sqrt(square);
  return Tensor::from_host(context, {n}, dtype, values);
}

// With u and v of their own, so that every call computes the same; u and v are constants in backward, so the finite
// difference holds in eval only.
auto spectral_of(SpectralNormParams params) {
  return [params](const Vars& in) {
    int64_t rows = in[0].shape()[params.dim], columns = in[0].value().elements() / rows;
    Context& context = in[0].context();
    return spectral_norm(in[0], unit_vector(context, rows, in[0].dtype()), unit_vector(context, columns, in[0].dtype()),
                         params);
  };
}

}  // namespace

TEST_CASE("weight_norm") {
  auto norm = [](const Vars& in) { return weight_norm(in[0], in[1]); };
  auto inputs = [](Shape v) { return std::vector<OperatorInput>{{{v[0], 1, 1, 1}, 1, 0.25, true}, {v, 0, 1, true}}; };
  for (const OperatorCase& row : {
           OperatorCase{"weight_norm/3x3", inputs({5, 3, 3, 3}), norm, cancelling},
           OperatorCase{"weight_norm/99_channels", inputs({12, 99, 1, 1}), norm, cancelling},
           OperatorCase{"weight_norm/one_input", inputs({4, 1, 2, 2}), norm, cancelling},
       }) {
    check_operator(row);
  }
  HostContext context;
  CHECK_THROWS_WITH_AS(
      weight_norm(Var(Tensor::zeros(context, {4, 1, 1, 1}, DType::f32)),
                  Var(Tensor::zeros(context, {5, 3, 3, 3}, DType::f32))),
      "weight_norm expects weight_v [K, …] and weight_g [K, 1, 1, 1], got [5, 3, 3, 3] and [4, 1, 1, 1]", ShapeError);
}

TEST_CASE("spectral_norm") {
  constexpr SpectralNormParams eval{.training = false}, transposed{.training = false, .dim = 1};
  for (const OperatorCase& row : {
           OperatorCase{"spectral_norm/conv2d", {{{5, 3, 3, 3}, 0, 1, true}}, spectral_of(eval), parameters},
           OperatorCase{"spectral_norm/99_channels", {{{12, 99, 1, 1}, 0, 1, true}}, spectral_of(eval), parameters},
           OperatorCase{"spectral_norm/conv1d", {{{3, 24, 1}, 0, 1, true}}, spectral_of(eval), parameters},
           OperatorCase{"spectral_norm/linear", {{{9, 17}, 0, 1, true}}, spectral_of(eval), parameters},
           OperatorCase{"spectral_norm/transposed", {{{6, 4, 4, 4}, 0, 1, true}}, spectral_of(transposed), parameters},
       }) {
    check_operator(row);
  }
}

TEST_CASE("spectral_norm finds the largest singular value by power iteration, in training only") {
  HostContext context;
  // Rows of W: (3, 0), (0, 4), (0, 0): singular values 4 and 3.
  Var w(Tensor::from_host(context, {3, 2}, DType::f32, std::vector<double>{3, 0, 0, 4, 0, 0}));
  Tensor u = unit_vector(context, 3, DType::f32), v = unit_vector(context, 2, DType::f32), sigma;
  std::vector<double> before = u.to_host();
  spectral_norm(w, u, v, {.training = false}, &sigma);
  CHECK(u.to_host() == before);
  for (int i = 0; i < 40; ++i) spectral_norm(w, u, v, {.training = true}, &sigma);
  CHECK(sigma.item() == doctest::Approx(4).epsilon(1e-6));
  CHECK(std::abs(v.to_host()[1]) == doctest::Approx(1).epsilon(1e-6));
  CHECK(u.version() == 40);
  CHECK_THROWS_WITH_AS(spectral_norm(w, v, u, {}), "spectral_norm of [3, 2] expects u [3] and v [2], got [2] and [3]",
                       ShapeError);
}
