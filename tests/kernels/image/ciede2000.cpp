#include "kernels/image/ciede2000.h"

#include "kernels/device/error.h"

#include <doctest/doctest.h>

#include <vector>

namespace cuunet {

// Corner cases of conformance ciede2000/3 (neutral, opposite hues, hue wrap, the blue region) and rows of the table of
// Sharma, Wu and Dalal. Tolerance: the values are stored with f32's or with 4 digits.
TEST_CASE("ciede2000: hue wraps, neutrals and the blue region") {
  struct Row {
    Lab first, second;
    double expected, tolerance;
  };
  const double f32 = 1e-6, four_digits = 5e-5;
  const Row rows[] = {
      {{50, 0, 0}, {50, 0, 0}, 0, f32},
      {{50, 0, 0}, {60, 0, 0}, 9.47057819366455, f32},
      {{50, 20, 0}, {50, -20, 0}, 41.69280242919922, 4 * f32},
      {{50, 20, 1}, {50, -20, 1}, 41.66716766357422, 4 * f32},
      {{50, 20, -1}, {50, -20, 1}, 39.533287048339844, 4 * f32},
      {{50, 20, 0.5}, {50, 20, -0.5}, 0.6615208387374878, f32},
      {{50, 0, 0}, {50, 30, 40}, 24.121858596801758, 2 * f32},
      {{50, 0, -60}, {50, 10, -58}, 6.965123176574707, f32},
      {{40, 3, -80}, {42, -3, -78}, 3.3820345401763916, f32},
      {{0, 0, 0}, {100, 0, 0}, 100, 4 * f32},
      {{70, 1, 60}, {70, -1, 60}, 1.286076307296753, f32},
      {{60, -40, -1}, {60, -40, 1}, 1.2559691667556763, f32},
      {{55, 5, -30}, {55, 5, -31}, 0.5262420177459717, f32},
      {{50, 2.6772, -79.7751}, {50, 0, -82.7485}, 2.0425, four_digits},
      {{50, 2.5, 0}, {50, 0, -2.5}, 4.3065, four_digits},
      {{50, 2.5, 0}, {73, 25, -18}, 27.1492, four_digits},
      {{60.2574, -34.0099, 36.2677}, {60.4626, -34.1751, 39.4387}, 1.2644, four_digits},
      {{2.0776, 0.0795, -1.1350}, {0.9033, -0.0636, -0.5514}, 0.9082, four_digits},
  };
  for (const Row& row : rows) {
    CAPTURE(row.expected);
    CHECK(std::abs(ciede2000(row.first, row.second) - row.expected) <= row.tolerance);
    CHECK(std::abs(ciede2000(row.second, row.first) - row.expected) <= row.tolerance);
  }
}

TEST_CASE("ciede2000: the mean over a picture") {
  std::vector<uint8_t> black_black(6, 0), black_white{0, 0, 0, 255, 255, 255};
  // The white of the sRGB matrix is 0.95047, 1.000003, 1.08888: its L is 100.00004, and a and b are not quite 0.
  CHECK(mean_ciede2000(black_black, black_white) == doctest::Approx(50).epsilon(1e-4));
  CHECK(mean_ciede2000(black_white, black_white) == 0);
  std::vector<uint8_t> shorter(3);
  CHECK_THROWS_AS(mean_ciede2000(black_white, shorter), ShapeError);
}

}  // namespace cuunet
