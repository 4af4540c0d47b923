#include "kernels/resample/crop.h"
#include "kernels/resample/interpolate.h"
#include "kernels/resample/pad.h"
#include "tests/checks/operator_check.h"

#include <doctest/doctest.h>

using namespace cuunet;

namespace {

using Views = std::vector<ConstView>;
const Shape maps{2, 37, 5, 6};

}  // namespace

TEST_CASE("resampling writes into channel slices, forward and backward") {
  const Shape wide{2, 37, 7, 9};
  for (auto kind : {Interpolation::nearest, Interpolation::bilinear}) {
    check_slices("interpolate", {maps}, wide,
                 [=](Context& c, const Views& in, View y) { interpolate_forward(c, in[0], y, kind); });
    check_slices("interpolate_backward", {wide}, maps,
                 [=](Context& c, const Views& in, View y) { interpolate_backward(c, in[0], y, kind); });
  }
  PadParams p{.left = 1, .right = 2, .top = 2};
  check_slices("pad", {maps}, wide, [=](Context& c, const Views& in, View y) { pad_forward(c, in[0], y, p); });
  check_slices("pad_backward", {wide}, maps,
               [=](Context& c, const Views& in, View y) { pad_backward(c, in[0], y, p); });
  CropOrigin origin{.h = 1, .w = 2};
  check_slices("crop", {wide}, maps, [=](Context& c, const Views& in, View y) { crop_forward(c, in[0], y, origin); });
  check_slices("crop_backward", {maps}, wide,
               [=](Context& c, const Views& in, View y) { crop_backward(c, in[0], y, origin); });
}
