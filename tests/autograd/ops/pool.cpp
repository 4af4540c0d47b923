#include "autograd/ops/pool.h"

#include "kernels/device/error.h"
#include "tests/checks/operator_check.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace cuunet;

namespace {

auto max_of(MaxPoolParams p) {
  return [p](const Vars& in) { return max_pool2d(in[0], p); };
}
auto mean_of(AvgPoolParams p) {
  return [p](const Vars& in) { return avg_pool2d(in[0], p); };
}

constexpr MaxPoolParams resnet{.kernel = 3, .stride = 2, .padding = 1}, halves{.kernel = 2, .stride = 2};

}  // namespace

TEST_CASE("max_pool2d") {
  for (const OperatorCase& row : {
           OperatorCase{"max_pool2d/small", {{{2, 3, 8, 8}}}, max_of(resnet)},
           OperatorCase{"max_pool2d/odd", {{{1, 3, 9, 7}}}, max_of(resnet)},
           OperatorCase{"max_pool2d/padded_tail", {{{1, 99, 3, 2}}}, max_of(resnet)},
           OperatorCase{"max_pool2d/halves", {{{2, 5, 9, 6}}}, max_of(halves)},
           OperatorCase{"max_pool2d/gaps", {{{1, 4, 11, 10}}}, max_of({.kernel = 2, .stride = 3})},
           OperatorCase{"max_pool2d/dense", {{{1, 65, 7, 8}}}, max_of({.kernel = 3, .stride = 1, .padding = 1})},
           OperatorCase{"max_pool2d/threads", {{{1, 64, 40, 44}}}, max_of(resnet)},
           OperatorCase{"max_pool2d/below_zero", {{{1, 2, 7, 5}, -2, 1}}, max_of(resnet)},
       }) {
    check_operator(row);
  }
}

TEST_CASE("max_pool2d: the first maximum wins, NaN wins, outside is minus infinity") {
  HostContext context;
  auto pool = [&](std::vector<double> values, MaxPoolParams p) {
    Tensor indices;
    Var y = max_pool2d(Var(Tensor::from_host(context, {1, 1, 2, 3}, DType::f32, values)), p, &indices);
    return std::pair(y.value().to_host(), indices.to_host());
  };
  auto [ties, first] = pool({1, 1, 1, 1, 1, 1}, resnet);
  CHECK(first == std::vector<double>{0, 1});
  auto [values, where] = pool({-5, -3, -4, -1, -2, -6}, {.kernel = 2, .stride = 1});
  CHECK(values == std::vector<double>{-1, -2});
  CHECK(where == std::vector<double>{3, 4});
  auto [poisoned, at] = pool({9, NAN, 1, 2, 3, 4}, {.kernel = 2, .stride = 1});
  CHECK(std::isnan(poisoned[0]));
  CHECK(std::isnan(poisoned[1]));
  CHECK(at == std::vector<double>{1, 1});
  auto [infinite, inside] = pool(std::vector<double>(6, -INFINITY), resnet);
  CHECK(infinite == std::vector<double>{-INFINITY, -INFINITY});
  CHECK(inside == std::vector<double>{0, 1});
}

TEST_CASE("avg_pool2d and blur") {
  for (const OperatorCase& row : {
           OperatorCase{"avg_pool2d/dense", {{{2, 3, 4, 5}}}, mean_of({.kernel = 2, .stride = 1})},
           OperatorCase{"avg_pool2d/halves", {{{1, 3, 9, 7}}}, mean_of({.kernel = 2, .stride = 2})},
           OperatorCase{"avg_pool2d/thirds", {{{1, 70, 8, 9}}}, mean_of({.kernel = 3, .stride = 2})},
           OperatorCase{"blur/small", {{{2, 3, 4, 5}}}, [](const Vars& in) { return blur(in[0]); }},
           OperatorCase{"blur/one_pixel", {{{1, 1, 1, 1}}}, [](const Vars& in) { return blur(in[0]); }},
           OperatorCase{"blur/one_row", {{{1, 2, 1, 7}}}, [](const Vars& in) { return blur(in[0]); }},
           OperatorCase{"blur/padded_tail", {{{1, 99, 3, 3}}}, [](const Vars& in) { return blur(in[0]); }},
           OperatorCase{"blur/threads", {{{1, 64, 31, 33}}}, [](const Vars& in) { return blur(in[0]); }},
       }) {
    check_operator(row);
  }
}

TEST_CASE("blur averages with the pixels above and to the left") {
  HostContext context;
  Var x(Tensor::from_host(context, {1, 1, 2, 2}, DType::f32, std::vector<double>{4, 8, 12, 16}));
  CHECK(blur(x).value().to_host() == std::vector<double>{4, 6, 8, 10});
}

TEST_CASE("pools refuse what leaves no window") {
  HostContext context;
  auto zeros = [&](Shape shape) { return Var(Tensor::zeros(context, shape, DType::f32)); };
  CHECK_THROWS_WITH_AS(
      max_pool2d(zeros({1, 1, 1, 1}), halves),
      "max_pool2d with kernel 2, padding 0 expects [N, C, H, W] that holds a window of 2 x 2, got [1, 1, 1, 1]",
      ShapeError);
  CHECK_THROWS_AS(max_pool2d(zeros({1, 1, 4, 4}), {.kernel = 2, .stride = 2, .padding = 2}), ShapeError);
  CHECK_THROWS_WITH_AS(avg_pool2d(zeros({1, 1, 1, 1}), {.kernel = 2, .stride = 1}),
                       "avg_pool2d with kernel 2, stride 1 expects [N, C, H, W] of at least 2 x 2, got [1, 1, 1, 1]",
                       ShapeError);
  CHECK_THROWS_AS(blur(zeros({2, 3})), ShapeError);
}
