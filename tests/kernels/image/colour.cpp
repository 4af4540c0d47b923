#include "kernels/device/error.h"
#include "kernels/image/grey.h"
#include "kernels/image/lab.h"
#include "kernels/image/yuv.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

namespace cuunet {

TEST_CASE("lab: black, white, and sRGB's red as skimage gives it") {
  Lab black = rgb_to_lab(0, 0, 0), red = rgb_to_lab(1, 0, 0);
  CHECK(std::abs(black.L) < 1e-9);
  CHECK(black.a == 0);
  // skimage.color.rgb2lab([[[1., 0, 0]]]) prints 53.2405879 80.0923082 67.2027510.
  CHECK(red.L == doctest::Approx(53.2405879).epsilon(1e-8));
  CHECK(red.a == doctest::Approx(80.0923082).epsilon(1e-8));
  CHECK(red.b == doctest::Approx(67.2027510).epsilon(1e-8));
  std::vector<uint8_t> bytes{255, 0, 0};
  std::vector<double> lab(3);
  rgb_to_lab(bytes, lab);
  CHECK(lab == std::vector<double>{red.L, red.a, red.b});
  CHECK_THROWS_AS(rgb_to_lab(bytes, std::span<double>(lab).first(2)), ShapeError);
}

TEST_CASE("yuv: a grey merges into itself whatever the chroma source's grey") {
  std::vector<uint8_t> original{10, 10, 10, 200, 200, 200}, colour{90, 90, 90, 30, 30, 30}, rgb(6);
  chroma_merge(original, colour, rgb);
  CHECK(rgb == original);
  CHECK_THROWS_AS(chroma_merge(original, std::vector<uint8_t>(3), rgb), ShapeError);
}

TEST_CASE("yuv: the float round trip is off by OpenCV's rounded constants, at most 2.3e-4") {
  std::vector<double> rgb{0.1, 0.9, 0.3, 1, 0, 0, 0, 0, 1}, yuv(9), back(9);
  rgb_to_yuv(rgb, yuv);
  yuv_to_rgb(yuv, back);
  for (size_t i = 0; i < rgb.size(); ++i) CHECK(std::abs(back[i] - rgb[i]) < 2.4e-4);
  CHECK(yuv[0] == doctest::Approx(0.299 * 0.1 + 0.587 * 0.9 + 0.114 * 0.3));
}

TEST_CASE("grey: sizes that don't fit are refused") {
  std::vector<uint8_t> rgb(6), grey(3);
  CHECK_THROWS_AS(rgb_to_grey(rgb, grey, GreyFormula::pil), ShapeError);
}

}  // namespace cuunet
