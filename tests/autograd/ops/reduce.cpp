#include "autograd/ops/reduce.h"

#include "kernels/device/error.h"
#include "tests/checks/operator_check.h"

#include <doctest/doctest.h>

using namespace cuunet;

namespace {

auto summed(std::vector<int> dims, bool keep) {
  return [=](const Vars& in) { return sum(in[0], dims, keep); };
}
auto averaged(std::vector<int> dims, bool keep) {
  return [=](const Vars& in) { return mean(in[0], dims, keep); };
}

}  // namespace

TEST_CASE("sum and mean") {
  for (const OperatorCase& row : {
           OperatorCase{"reduce/mean_of_all", {{{2, 3, 4, 5}}}, averaged({}, false)},
           OperatorCase{"reduce/sum_of_all", {{{2, 3, 4, 5}}}, summed({}, false)},
           OperatorCase{"reduce/over_pixels", {{{2, 99, 3, 3}}}, averaged({2, 3}, false)},
           OperatorCase{"reduce/per_channel", {{{2, 104, 3, 3}}}, summed({0, 2, 3}, false)},
           OperatorCase{"reduce/over_channels", {{{2, 3, 5, 7}}}, averaged({1}, true)},
           OperatorCase{"reduce/channels_dropped", {{{2, 3, 5, 7}}}, averaged({1}, false)},
           OperatorCase{"reduce/one", {{{1}}}, summed({}, false)},
           OperatorCase{"reduce/many_blocks", {{{1, 1, 133, 265}}}, averaged({}, false)},
           OperatorCase{"reduce/rows", {{{3, 1000}}}, summed({1}, false)},
           OperatorCase{"reduce/columns", {{{50, 7}}}, averaged({0}, true)},
           OperatorCase{"reduce/widths_dropped", {{{2, 5, 3, 4}}}, summed({3}, false)},
           OperatorCase{"reduce/long_vector", {{{40000}}}, averaged({0}, false)},
           OperatorCase{"reduce/images", {{{3, 9, 2, 4}}}, averaged({0}, true)},
           OperatorCase{"adaptive_avg_pool2d/maps",
                        {{{2, 99, 9, 7}}},
                        [](const Vars& in) { return adaptive_avg_pool2d(in[0]); }},
       }) {
    check_operator(row);
  }
}

TEST_CASE("sums land where PyTorch puts them") {
  HostContext context;
  std::vector<double> values(12);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i);
  Var x(Tensor::from_host(context, {1, 2, 2, 3}, DType::f32, values));
  CHECK(sum(x, {3}).value().to_host() == std::vector<double>{3, 12, 21, 30});
  CHECK(sum(x, {1}, true).value().to_host() == std::vector<double>{6, 8, 10, 12, 14, 16});
  CHECK(sum(x, {2, 3}).shape() == Shape{1, 2});
  CHECK(mean(x).value().item() == 5.5);
  CHECK(mean(x).shape() == Shape{});
}

TEST_CASE("a dimension out of range is refused") {
  HostContext context;
  CHECK_THROWS_WITH_AS(sum(Var(Tensor::zeros(context, {1, 2, 3}, DType::f32)), {3}),
                       "dimension 3 is out of the range of [1, 2, 3]", ShapeError);
}
