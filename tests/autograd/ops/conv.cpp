#include "autograd/ops/conv.h"

#include "tests/checks/operator_check.h"

#include <doctest/doctest.h>

using namespace cuunet;

namespace {

auto conv_of(Conv2dParams params) {
  return [params](const Vars& in) { return conv2d(in[0], in[1], in.size() > 2 ? in[2] : Var{}, params); };
}

std::vector<OperatorInput> inputs(Shape x, Shape w, bool bias = true) {
  std::vector<OperatorInput> list{{x}, {w, 0, 1, true}};
  if (bias) list.push_back({{w[0]}, 0, 1, true});
  return list;
}

// oneDNN splits the sums of a weight gradient over its threads.
void check_on_same_threads(OperatorCase row) {
  row.any_threads = false;
  check_operator(row);
}

}  // namespace

TEST_CASE("conv2d") {
  // bf16: the weights, exact in bf16 here, lose nothing; what is left is one rounding of each result.
  for (const OperatorCase& row : {
           OperatorCase{"conv2d/1x1", inputs({2, 5, 4, 6}, {7, 5, 1, 1}), conv_of({})},
           OperatorCase{"conv2d/3x3", inputs({2, 3, 9, 8}, {16, 3, 3, 3}), conv_of({1, 1})},
           OperatorCase{"conv2d/no_bias", inputs({1, 16, 5, 5}, {8, 16, 3, 3}, false), conv_of({1, 1})},
           OperatorCase{"conv2d/7x7_stride2", inputs({1, 3, 15, 17}, {9, 3, 7, 7}), conv_of({2, 3})},
           OperatorCase{"conv2d/4x4_stride2", inputs({1, 6, 8, 8}, {11, 6, 4, 4}), conv_of({2, 1})},
           OperatorCase{"conv2d/99_channels", inputs({1, 99, 6, 6}, {12, 99, 3, 3}), conv_of({1, 1})},
           OperatorCase{"conv2d/reflect", inputs({2, 5, 6, 7}, {9, 5, 3, 3}), conv_of({1, 1, PaddingMode::reflect})},
           OperatorCase{"conv2d/replicate", inputs({2, 5, 6, 7}, {9, 5, 3, 3}),
                        conv_of({1, 2, PaddingMode::replicate})},
           OperatorCase{"conv2d/relu", inputs({2, 5, 6, 7}, {9, 5, 3, 3}), conv_of({1, 1, PaddingMode::zeros, true})},
       }) {
    check_on_same_threads(row);
  }
}

TEST_CASE("conv_transpose2d") {
  auto conv = [](ConvTranspose2dParams params) {
    return [params](const Vars& in) { return conv_transpose2d(in[0], in[1], in.size() > 2 ? in[2] : Var{}, params); };
  };
  auto transposed = [](Shape x, Shape w) {
    return std::vector<OperatorInput>{{x}, {w, 0, 1, true}, {{w[1]}, 0, 1, true}};
  };
  for (const OperatorCase& row : {
           OperatorCase{"conv_transpose2d/4x4", transposed({2, 3, 5, 7}, {3, 4, 4, 4}), conv({2, 1})},
           OperatorCase{"conv_transpose2d/2x2", transposed({2, 17, 6, 5}, {17, 9, 2, 2}), conv({2, 0})},
           OperatorCase{"conv_transpose2d/3x3", transposed({2, 5, 4, 6}, {5, 3, 3, 3}), conv({1, 1})},
           OperatorCase{"conv_transpose2d/99_channels", transposed({1, 99, 3, 4}, {99, 6, 4, 4}), conv({2, 1})},
           OperatorCase{"conv_transpose2d/no_bias", {{{1, 4, 5, 4}}, {{4, 3, 7, 7}, 0, 1, true}}, conv({2, 3})},
       }) {
    check_on_same_threads(row);
  }
  auto shape_of = [](Shape x, Shape w) { conv_transpose2d_output_shape(x, w, {2, 1}); };
  CHECK_THROWS_WITH(shape_of({1, 4, 5, 5}, {3, 4, 2, 2}),
                    "conv_transpose2d expects 3 input channels (weight [3, 4, 2, 2]), got x [1, 4, 5, 5]");
  CHECK_THROWS_WITH(shape_of({1, 3, 1, 1}, {3, 4, 2, 2}),
                    "conv_transpose2d with padding 1 leaves nothing of x [1, 3, 1, 1] (weight [3, 4, 2, 2])");
}

TEST_CASE("conv1d") {
  auto run = [](const Vars& in) { return conv1d(in[0], in[1], in.size() > 2 ? in[2] : Var{}); };
  for (const OperatorCase& row : {
           OperatorCase{"conv1d/bias", {{{3, 5, 33}}, {{7, 5, 1}, 0, 1, true}, {{7}, 0, 1, true}}, run},
           OperatorCase{"conv1d/no_bias", {{{2, 24, 35}}, {{24, 24, 1}, 0, 1, true}}, run},
           OperatorCase{"conv1d/99_channels", {{{1, 99, 10}}, {{12, 99, 1}, 0, 1, true}}, run},
       }) {
    check_operator(row);
  }
}
