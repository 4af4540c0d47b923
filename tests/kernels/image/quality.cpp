#include "kernels/image/quality.h"

#include "kernels/device/error.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

namespace cuunet {

TEST_CASE("psnr: closed values") {
  std::vector<double> a(12, 0.5), b(12, 0.6);
  CHECK(psnr(a, b) == doctest::Approx(20).epsilon(1e-12));  // mean square 0.01
  CHECK(std::isinf(psnr(a, a)));
  std::vector<uint8_t> black(3, 0), white(3, 255);
  CHECK(psnr(black, white) == 0);
  CHECK_THROWS_AS(psnr(black, std::vector<uint8_t>(6)), ShapeError);
  CHECK_THROWS_AS(psnr(std::vector<uint8_t>{}, std::vector<uint8_t>{}), ShapeError);
}

TEST_CASE("ssim: equal, flat and too small pictures") {
  const int64_t side = 12;
  std::vector<double> a(side * side * 3), b = a, dark = a;
  for (size_t i = 0; i < a.size(); ++i) a[i] = 0.5 + 0.4 * std::sin(static_cast<double>(i));
  CHECK(ssim(a, a, side, side).mean == doctest::Approx(1).epsilon(1e-12));
  // Two flat pictures have no structure to compare: S = (2 ux uy + C1) / (ux² + uy² + C1).
  b.assign(b.size(), 0.8);
  dark.assign(dark.size(), 0.2);
  double expected = (2 * 0.8 * 0.2 + 1e-4) / (0.64 + 0.04 + 1e-4);
  Ssim flat = ssim(b, dark, side, side);
  CHECK(flat.mean == doctest::Approx(expected).epsilon(1e-9));
  CHECK(flat.per_channel[1] == doctest::Approx(expected).epsilon(1e-9));
  CHECK_THROWS_AS(ssim(a, a, 10, 14), ShapeError);
  CHECK_THROWS_AS(ssim(a, a, 12, 13), ShapeError);
}

TEST_CASE("colourfulness: grey, one colour and two colours") {
  CHECK(colourfulness(std::vector<uint8_t>{7, 7, 7, 200, 200, 200}) == 0);
  // One colour has no variance: rg = 255, yb = 127.5.
  CHECK(colourfulness(std::vector<uint8_t>{255, 0, 0}) == doctest::Approx(0.3 * std::hypot(255, 127.5)).epsilon(1e-12));
  // Red and green: rg = ±255 with mean 0, yb = 127.5 twice.
  CHECK(colourfulness(std::vector<uint8_t>{255, 0, 0, 0, 255, 0}) == doctest::Approx(255 + 0.3 * 127.5).epsilon(1e-12));
}

}  // namespace cuunet
