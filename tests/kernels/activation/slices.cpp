#include "kernels/activation/dropout.h"
#include "kernels/activation/leaky_relu.h"
#include "kernels/activation/relu.h"
#include "kernels/activation/sigmoid.h"
#include "kernels/activation/tanh.h"
#include "tests/checks/operator_check.h"

#include <doctest/doctest.h>

using namespace cuunet;

namespace {

using Views = std::vector<ConstView>;
const Shape maps{2, 37, 5, 6};

}  // namespace

TEST_CASE("activations write into channel slices") {
  check_slices("relu", {maps}, maps, [](Context& c, const Views& in, View y) { relu_forward(c, in[0], y); });
  check_slices("relu_backward", {maps, maps}, maps,
               [](Context& c, const Views& in, View y) { relu_backward(c, in[0], in[1], y); });
  check_slices("leaky_relu", {maps}, maps,
               [](Context& c, const Views& in, View y) { leaky_relu_forward(c, in[0], y, 0.2); });
  check_slices("leaky_relu_backward", {maps, maps}, maps,
               [](Context& c, const Views& in, View y) { leaky_relu_backward(c, in[0], in[1], y, 0.2); });
  // sigmoid(0) is not 0: the pad lanes are.
  check_slices("sigmoid", {maps}, maps, [](Context& c, const Views& in, View y) { sigmoid_forward(c, in[0], y, {}); });
  check_slices("tanh", {maps}, maps, [](Context& c, const Views& in, View y) { tanh_forward(c, in[0], y); });
  check_slices("tanh_backward", {maps, maps}, maps,
               [](Context& c, const Views& in, View y) { tanh_backward(c, in[0], in[1], y); });
}

TEST_CASE("dropout writes into channel slices") {
  for (bool per_map : {false, true}) {
    DropoutParams p{.p = 0.4, .per_map = per_map, .seed = 3};
    check_slices("dropout", {maps}, maps,
                 [=](Context& c, const Views& in, View y) { dropout_forward(c, in[0], y, p); });
  }
  for (Shape mask : {maps, Shape{2, 37, 1, 1}}) {
    check_slices("dropout_with_mask", {maps, mask}, maps,
                 [](Context& c, const Views& in, View y) { dropout_with_mask(c, in[0], in[1], y, 0.4); });
  }
}
