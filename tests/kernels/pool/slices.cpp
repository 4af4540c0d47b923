#include "kernels/pool/avg_pool2d.h"
#include "kernels/pool/blur.h"
#include "kernels/pool/max_pool2d.h"
#include "tests/checks/operator_check.h"

#include <doctest/doctest.h>

using namespace cuunet;

namespace {

using Views = std::vector<ConstView>;
const Shape large{2, 70, 9, 8}, small{2, 70, 5, 4};

}  // namespace

TEST_CASE("blur writes into channel slices, forward and backward") {
  check_slices("blur", {large}, large, [](Context& c, const Views& in, View y) { blur_forward(c, in[0], y); });
  check_slices("blur_backward", {large}, large,
               [](Context& c, const Views& in, View y) { blur_backward(c, in[0], y); });
}

TEST_CASE("avg_pool2d writes into channel slices, forward and backward") {
  AvgPoolParams p{.kernel = 1, .stride = 2};
  check_slices("avg_pool2d", {large}, small,
               [=](Context& c, const Views& in, View y) { avg_pool2d_forward(c, in[0], y, p); });
  check_slices("avg_pool2d_backward", {small}, large,
               [=](Context& c, const Views& in, View y) { avg_pool2d_backward(c, in[0], y, p); });
}

TEST_CASE("max_pool2d writes into channel slices, forward and backward") {
  MaxPoolParams p{.kernel = 3, .stride = 2, .padding = 1};
  check_slices("max_pool2d", {large}, small,
               [=](Context& c, const Views& in, View y) { max_pool2d_forward(c, in[0], y, {}, p); });
  check_slices("max_pool2d_backward", {small}, large, [=](Context& c, const Views& in, View y) {
    Tensor x = Tensor::from_host(c, large, y.dtype, named_inputs("max_pool2d/x", large));
    Tensor top = Tensor::empty(c, small, y.dtype), positions = Tensor::empty(c, small, DType::u8);
    max_pool2d_forward(c, x.view(), top.view(), positions.view(), p);
    max_pool2d_backward(c, positions.view(), in[0], y, p);
  });
}
