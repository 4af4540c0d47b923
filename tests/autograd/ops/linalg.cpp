#include "autograd/ops/linalg.h"

#include "kernels/device/error.h"
#include "tests/checks/operator_check.h"

#include <doctest/doctest.h>

using namespace cuunet;

namespace {

auto matmul_of(bool transpose_a, bool transpose_b) {
  return [=](const Vars& in) { return matmul(in[0], in[1], {transpose_a, transpose_b}); };
}

}  // namespace

TEST_CASE("matmul") {
  for (const OperatorCase& row : {
           OperatorCase{"matmul/plain", {{{17, 99}}, {{99, 33}}}, matmul_of(false, false)},
           OperatorCase{"matmul/b_transposed", {{{5, 7}}, {{3, 7}}}, matmul_of(false, true)},
           OperatorCase{"matmul/a_transposed", {{{7, 5}}, {{7, 3}}}, matmul_of(true, false)},
           OperatorCase{"matmul/both_transposed", {{{99, 17}}, {{33, 99}}}, matmul_of(true, true)},
           OperatorCase{"matmul/batches", {{{3, 13, 104}}, {{3, 104, 15}}}, matmul_of(false, false)},
           OperatorCase{"matmul/batches_transposed", {{{3, 7, 5}}, {{3, 9, 7}}}, matmul_of(true, true)},
           OperatorCase{"matmul/deep", {{{3, 1000}}, {{2, 1000}}}, matmul_of(false, true)},
           OperatorCase{"matmul/many_tiles", {{{101, 64}}, {{64, 130}}}, matmul_of(false, false)},
           OperatorCase{"matmul/one", {{{1, 1}}, {{1, 1}}}, matmul_of(false, false)},
       }) {
    check_operator(row);
  }
}

TEST_CASE("matmul in f32 is exact where every partial sum is") {
  HostContext context({.threads = 2});
  std::vector<double> a(40 * 70), b(70 * 50), expected(40 * 50);
  for (size_t i = 0; i < a.size(); ++i) a[i] = static_cast<double>(i * 7 % 33) / 16 - 1;
  for (size_t i = 0; i < b.size(); ++i) b[i] = static_cast<double>(i * 11 % 33) / 16 - 1;
  for (size_t m = 0; m < 40; ++m) {
    for (size_t n = 0; n < 50; ++n) {
      for (size_t k = 0; k < 70; ++k) expected[m * 50 + n] += a[m * 70 + k] * b[k * 50 + n];
    }
  }
  for (DType dtype : {DType::f32, DType::f64}) {
    Var y = matmul(Var(Tensor::from_host(context, {40, 70}, dtype, a)),
                   Var(Tensor::from_host(context, {70, 50}, dtype, b)));
    CHECK(y.value().to_host() == expected);
  }
}

TEST_CASE("matmul names what does not fit") {
  HostContext context;
  auto product = [&](Shape a, Shape b) {
    return matmul(Var(Tensor::zeros(context, a, DType::f32)), Var(Tensor::zeros(context, b, DType::f32)));
  };
  CHECK_THROWS_WITH_AS(product({2, 3}, {2, 3}), "matmul expects equal inner sizes, got 3 and 2 (a [2, 3], b [2, 3])",
                       ShapeError);
  CHECK_THROWS_WITH_AS(product({2, 3, 4}, {3, 4, 3}), "matmul expects equal batches, got [2, 3, 4] and [3, 4, 3]",
                       ShapeError);
}

TEST_CASE("linear") {
  auto run = [](const Vars& in) { return linear(in[0], in[1], in.size() > 2 ? in[2] : Var{}); };
  auto inputs = [](Shape x, Shape w) { return std::vector<OperatorInput>{{x}, {w, 0, 1, true}, {{w[0]}, 0, 1, true}}; };
  for (const OperatorCase& row : {
           OperatorCase{"linear/matrix", inputs({3, 7}, {5, 7}), run},
           OperatorCase{"linear/wide", inputs({33, 65}, {99, 65}), run},
           OperatorCase{"linear/three_dimensions", inputs({2, 3, 17}, {6, 17}), run},
           OperatorCase{"linear/no_bias", {{{5, 104}}, {{10, 104}, 0, 1, true}}, run},
       }) {
    check_operator(row);
  }
  HostContext context;
  CHECK_THROWS_WITH_AS(
      linear(Var(Tensor::zeros(context, {2, 3}, DType::f32)), Var(Tensor::zeros(context, {4, 2}, DType::f32)), {}),
      "linear expects x […, 2] (weight [4, 2]), got [2, 3]", ShapeError);
}

TEST_CASE("gram") {
  auto run = [](const Vars& in) { return gram(in[0]); };
  for (const OperatorCase& row : {
           OperatorCase{"gram/small", {{{2, 3, 4, 5}}}, run},
           OperatorCase{"gram/99_channels", {{{1, 99, 3, 4}}}, run},
           OperatorCase{"gram/many_pixels", {{{1, 5, 31, 33}}}, run},
       }) {
    check_operator(row);
  }
}
