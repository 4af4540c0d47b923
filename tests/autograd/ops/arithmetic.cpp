#include "autograd/ops/arithmetic.h"

#include "autograd/ops/activation.h"
#include "kernels/device/error.h"
#include "tests/checks/operator_check.h"

#include <doctest/doctest.h>

using namespace cuunet;

namespace {

constexpr OperatorTolerance copies{.f32 = 0.5e-9, .bf16 = 0.5e-9};  // no arithmetic: equal

auto sliced(std::array<Range, 4> ranges) {
  return [ranges](const Vars& in) { return slice(in[0], ranges); };
}
Var sum_of_both(const Vars& in) { return add(in[0], in[1]); }
Var joined(const Vars& in) { return concat(in); }
Var joined_relu(const Vars& in) { return concat_relu(in); }

}  // namespace

TEST_CASE("add") {
  for (const OperatorCase& row : {
           OperatorCase{"add/maps", {{{2, 3, 4, 5}}, {{2, 3, 4, 5}}}, sum_of_both},
           OperatorCase{"add/vectors", {{{9}}, {{9}}}, sum_of_both},
           OperatorCase{"add/scalars", {{Shape{}}, {Shape{}}}, sum_of_both},
           OperatorCase{"add/channels", {{{2, 99, 3, 3}}, {{99, 1, 1}}}, sum_of_both},
           OperatorCase{"add/scalar", {{{2, 3, 5, 7}}, {Shape{}}}, sum_of_both},
           OperatorCase{"add/first_repeated", {{{1, 3, 1, 1}}, {{2, 3, 4, 4}}}, sum_of_both},
           OperatorCase{"add/both_repeated", {{{2, 1, 4, 1}}, {{1, 3, 1, 5}}}, sum_of_both},
           OperatorCase{"add/row", {{{3, 7}}, {{7}}}, sum_of_both},
           OperatorCase{"add/column", {{{3, 7}}, {{3, 1}}}, sum_of_both},
           OperatorCase{"add/rows_of_maps", {{{2, 3, 4, 5}}, {{4, 5}}}, sum_of_both},
       }) {
    check_operator(row);
  }
}

TEST_CASE("mul_scalar") {
  auto times = [](double factor) { return [factor](const Vars& in) { return mul_scalar(in[0], factor); }; };
  auto learned = [](const Vars& in) { return mul_scalar(in[0], in[1]); };
  for (const OperatorCase& row : {
           OperatorCase{"mul_scalar/maps", {{{2, 3, 4, 5}}}, times(-3)},
           OperatorCase{"mul_scalar/matrix", {{{3, 99}}}, times(0.1)},
           OperatorCase{"mul_scalar/zero", {{{1, 2, 3, 3}}}, times(0)},
           OperatorCase{"mul_scalar/learned", {{{2, 3, 5, 7}}, {{1}, 0.5, 0.25, true}}, learned},
           OperatorCase{"mul_scalar/learned_blocks", {{{2, 99, 31, 17}}, {{1}, 0.5, 0.25, true}}, learned},
           OperatorCase{"mul_scalar/learned_vector", {{{20001}}, {{1}, 0.5, 0.25, true}}, learned},
       }) {
    check_operator(row);
  }
}

TEST_CASE("concat and slice") {
  for (const OperatorCase& row : {
           OperatorCase{"concat/small", {{{2, 3, 4, 5}}, {{2, 1, 4, 5}}}, joined, copies},
           OperatorCase{"concat/unaligned", {{{1, 101, 2, 3}}, {{1, 3, 2, 3}}}, joined, copies},
           OperatorCase{"concat/three", {{{2, 2, 3, 7}}, {{2, 5, 3, 7}}, {{2, 1, 3, 7}}}, joined, copies},
           OperatorCase{"concat_relu/unaligned", {{{1, 101, 2, 3}}, {{1, 3, 2, 3}}}, joined_relu, copies},
           OperatorCase{"slice/channels", {{{2, 5, 6, 7}}}, sliced({{{0, 2}, {1, 4}, {0, 6}, {0, 7}}}), copies},
           OperatorCase{"slice/inside", {{{2, 3, 6, 7}}}, sliced({{{1, 2}, {0, 3}, {2, 5}, {1, 6}}}), copies},
           OperatorCase{"slice/last", {{{1, 99, 2, 3}}}, sliced({{{0, 1}, {96, 99}, {0, 2}, {0, 3}}}), copies},
           OperatorCase{"slice/corner", {{{1, 99, 4, 3}}}, sliced({{{0, 1}, {96, 99}, {1, 2}, {2, 3}}}), copies},
       }) {
    check_operator(row);
  }
}

TEST_CASE("add_relu") {
  auto both = [](const Vars& in) { return add_relu(in[0], in[1]); };
  for (const OperatorCase& row : {
           OperatorCase{"add_relu/maps", {{{2, 99, 4, 5}}, {{2, 99, 4, 5}}}, both},
           OperatorCase{"add_relu/second_only", {{{2, 3, 4, 5}, 0, 1, false, false}, {{2, 3, 4, 5}}}, both},
           OperatorCase{"add_relu/twice", {{{2, 3, 4, 5}}}, [](const Vars& in) { return add_relu(in[0], in[0]); }},
       }) {
    check_operator(row);
  }
}

TEST_CASE("a value used twice gets both gradients") {
  check_operator({"add/twice", {{{2, 3, 4, 5}}}, [](const Vars& in) { return add(in[0], concat({relu(in[0])})); }});
}

TEST_CASE("arithmetic names both shapes when they do not fit") {
  HostContext context;
  auto zeros = [&](Shape shape) { return Var(Tensor::zeros(context, shape, DType::f32)); };
  CHECK_THROWS_WITH_AS(add(zeros({1, 2, 3, 3}), zeros({1, 3, 3, 3})),
                       "add of shapes that do not broadcast: [1, 2, 3, 3] and [1, 3, 3, 3]", ShapeError);
  CHECK_THROWS_WITH_AS(concat({zeros({1, 2, 3, 3}), zeros({1, 2, 3, 4})}),
                       "concat expects [N, C, H, W] that differ in C only, got f32 [1, 2, 3, 3] and f32 [1, 2, 3, 4]",
                       ShapeError);
  CHECK_THROWS_WITH_AS(slice(zeros({1, 2, 3, 3}), {{{0, 1}, {1, 3}, {0, 3}, {0, 3}}}),
                       "slice [0:1, 1:3, 0:3, 0:3] is not inside [1, 2, 3, 3]", ShapeError);
  CHECK_THROWS_AS(mul_scalar(zeros({2}), zeros({2})), ShapeError);
}
