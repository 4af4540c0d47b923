#include "autograd/ops/attention.h"

#include "autograd/ops/conv.h"
#include "autograd/ops/linalg.h"
#include "kernels/device/error.h"
#include "tests/checks/operator_check.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace cuunet;

TEST_CASE("softmax") {
  auto along = [](int dim) { return [dim](const Vars& in) { return softmax(in[0], dim); }; };
  // The gradient is a difference of terms of the upstream's size; in bf16 it also reads y, rounded to bf16.
  constexpr OperatorTolerance usual{.f32 = 2e-6, .bf16 = 2.0 / 256};
  for (const OperatorCase& row : {
           OperatorCase{"softmax/columns", {{{2, 5, 7}}}, along(1), usual},
           OperatorCase{"softmax/rows", {{{2, 5, 7}}}, along(2), usual},
           OperatorCase{"softmax/matrix", {{{3, 8}, 0, 4}}, along(1), usual},
           OperatorCase{"softmax/far_from_zero", {{{1, 17, 9}, 64, 16}}, along(1), usual},
           OperatorCase{"softmax/channels", {{{1, 3, 4, 5}}}, along(1), usual},
       }) {
    check_operator(row);
  }
  HostContext context;
  CHECK_THROWS_WITH_AS(softmax(Var(Tensor::zeros(context, {1, 2, 3}, DType::f32)), 3),
                       "softmax expects a dimension of [1, 2, 3], got 3", ShapeError);
}

TEST_CASE("self_attention") {
  auto run = [](const Vars& in) { return self_attention(in[0], in[1], in[2], in[3], in[4]); };
  auto inputs = [](Shape x, int64_t inner) {
    int64_t c = x[1];
    return std::vector<OperatorInput>{{x},
                                      {{inner, c, 1}, 0, 0.5, true},
                                      {{inner, c, 1}, 0, 0.5, true},
                                      {{c, c, 1}, 0, 0.5, true},
                                      {{1}, 0.5, 0.25, true}};
  };
  // Query, key, value and their gradients are rounded to bf16 on the way, and the gradient of gamma is one cancelling
  // sum over all of them: measured at up to 16 roundings against its own size.
  constexpr OperatorTolerance usual{.f32 = 1e-5, .bf16 = 16.0 / 256, .difference = 4e-6};
  for (OperatorCase row : {
           OperatorCase{"self_attention/small", inputs({2, 8, 3, 5}, 1), run, usual},
           OperatorCase{"self_attention/off_the_grid", inputs({2, 17, 4, 4}, 2), run, usual},
           OperatorCase{"self_attention/104_channels", inputs({1, 104, 3, 4}, 13), run, usual},
           OperatorCase{"self_attention/one_pixel", inputs({1, 8, 1, 1}, 1), run, usual},
       }) {
    row.any_threads = false;  // oneDNN's weight gradients
    check_operator(row);
  }
}

TEST_CASE("self_attention in blocks of columns equals the formula with the matrix whole") {
  HostContext context({.threads = 2});
  Shape shape{1, 8, 40, 50};  // 2000 pixels: 1048 columns at once, then 952
  auto values = [&](const char* name, Shape s) {
    return Var(Tensor::from_host(context, s, DType::f64, named_inputs(name, s)));
  };
  Var x = values("x", shape), q = values("q", {1, 8, 1}), k = values("k", {1, 8, 1}), v = values("v", {8, 8, 1});
  Var gamma = values("gamma", {1});
  Var flat(x.value().reshape({1, 8, 2000}));
  Var attention = softmax(matmul(conv1d(flat, q, {}), conv1d(flat, k, {}), {.transpose_a = true}), 1);
  std::vector<double> expected = matmul(conv1d(flat, v, {}), attention).value().to_host();
  std::vector<double> found = self_attention(x, q, k, v, gamma).value().to_host(), input = x.value().to_host();
  double largest = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    largest = std::max(largest, std::abs(gamma.value().item() * expected[i] + input[i] - found[i]));
  }
  CHECK(largest < 1e-13);  // sums of 2000 terms below 1 in f64
}
