#include "kernels/pixel_shuffle/pixel_shuffle.h"

#include "kernels/pixel_shuffle/shuffle_blur.h"

#include "tests/checks/operator_check.h"

#include <doctest/doctest.h>

using namespace cuunet;

TEST_CASE("pixel_shuffle and pixel_unshuffle write into channel slices") {
  auto kernel = [](auto& op, int factor) {
    return [&op, factor](Context& context, const std::vector<ConstView>& in, View y) { op(context, in[0], y, factor); };
  };
  for (int r : {2, 3}) {
    Shape coarse{1, 5 * r * r, 4, 3}, fine{1, 5, 4 * r, 3 * r};
    check_slices("pixel_shuffle/slice", {coarse}, fine, kernel(pixel_shuffle_forward, r));
    check_slices("pixel_unshuffle/slice", {fine}, coarse, kernel(pixel_unshuffle_forward, r));
  }
}

TEST_CASE("shuffle_blur writes into channel slices, forward and backward") {
  Shape coarse{2, 20, 5, 3}, fine{2, 5, 10, 6};
  check_slices("shuffle_blur", {coarse}, fine, [](Context& context, const std::vector<ConstView>& in, View y) {
    shuffle_blur_forward(context, in[0], y);
  });
  check_slices("shuffle_blur_backward", {fine}, coarse, [](Context& context, const std::vector<ConstView>& in, View y) {
    shuffle_blur_backward(context, in[0], y);
  });
}
