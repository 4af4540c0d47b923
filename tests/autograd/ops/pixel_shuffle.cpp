#include "autograd/ops/pixel_shuffle.h"

#include "kernels/device/error.h"
#include "tests/checks/operator_check.h"

#include <doctest/doctest.h>

using namespace cuunet;

namespace {

constexpr OperatorTolerance copies{.f32 = 0.5e-9, .bf16 = 0.5e-9};  // no arithmetic: equal

auto shuffle_by(int factor) {
  return [factor](const Vars& in) { return pixel_shuffle(in[0], factor); };
}
auto unshuffle_by(int factor) {
  return [factor](const Vars& in) { return pixel_unshuffle(in[0], factor); };
}

}  // namespace

TEST_CASE("pixel_shuffle and pixel_unshuffle") {
  for (const OperatorCase& row : {
           OperatorCase{"pixel_shuffle/small", {{{2, 12, 3, 5}}}, shuffle_by(2), copies},
           OperatorCase{"pixel_shuffle/vectors", {{{1, 256, 9, 7}}}, shuffle_by(2), copies},
           OperatorCase{"pixel_shuffle/padded_tail", {{{1, 396, 2, 3}}}, shuffle_by(2), copies},
           OperatorCase{"pixel_shuffle/by_3", {{{1, 18, 4, 3}}}, shuffle_by(3), copies},
           OperatorCase{"pixel_shuffle/by_1", {{{1, 3, 4, 3}}}, shuffle_by(1), copies},
           OperatorCase{"pixel_unshuffle/small", {{{2, 3, 6, 10}}}, unshuffle_by(2), copies},
           OperatorCase{"pixel_unshuffle/vectors", {{{1, 64, 18, 14}}}, unshuffle_by(2), copies},
           OperatorCase{"pixel_unshuffle/by_3", {{{1, 5, 6, 9}}}, unshuffle_by(3), copies},
       }) {
    check_operator(row);
  }
}

TEST_CASE("shuffle_blur") {
  auto both = [](const Vars& in) { return shuffle_blur(in[0]); };
  for (const OperatorCase& row : {
           OperatorCase{"shuffle_blur/small", {{{2, 12, 3, 5}}}, both},
           OperatorCase{"shuffle_blur/one_pixel", {{{1, 8, 1, 1}}}, both},
           OperatorCase{"shuffle_blur/padded_tail", {{{1, 396, 2, 3}}}, both},
           OperatorCase{"shuffle_blur/bands", {{{3, 64, 17, 9}}}, both},
       }) {
    check_operator(row);
  }
}

TEST_CASE("pixel_shuffle puts channel c·4 + i·2 + j at pixel (i, j)") {
  HostContext context;
  std::vector<double> values{0, 1, 2, 3, 4, 5, 6, 7};
  Var x(Tensor::from_host(context, {1, 8, 1, 1}, DType::f32, values));
  Var y = pixel_shuffle(x);
  CHECK(y.shape() == Shape{1, 2, 2, 2});
  CHECK(y.value().to_host() == values);
}

TEST_CASE("pixel_shuffle refuses sizes that the factor does not divide") {
  HostContext context;
  CHECK_THROWS_WITH_AS(pixel_shuffle(Var(Tensor::zeros(context, {1, 6, 3, 3}, DType::f32))),
                       "pixel_shuffle by 2 expects [N, C, H, W] with C divisible by 4, got [1, 6, 3, 3]", ShapeError);
  CHECK_THROWS_WITH_AS(pixel_unshuffle(Var(Tensor::zeros(context, {1, 6, 3, 4}, DType::f32))),
                       "pixel_unshuffle by 2 expects [N, C, H, W] with H and W divisible by 2, got [1, 6, 3, 4]",
                       ShapeError);
}
