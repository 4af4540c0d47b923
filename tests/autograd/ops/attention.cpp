#include "autograd/ops/attention.h"

#include "kernels/device/error.h"
#include "tests/checks/operator_check.h"

#include <doctest/doctest.h>

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
