#include "kernels/attention/softmax_row.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace cuunet;

TEST_CASE("exp_of_nonpositive is within two units in the last place") {
  double largest = 0;
  for (int i = 0; i <= 87000; ++i) {
    float x = -static_cast<float>(i) / 1000;
    double expected = std::exp(static_cast<double>(x));
    largest = std::max(largest, std::abs(exp_of_nonpositive(x) - expected) / expected);
  }
  CHECK(largest < 0x1p-22);
  CHECK(exp_of_nonpositive(0.0f) == 1.0f);
  CHECK(exp_of_nonpositive(-1e30f) < 2e-38f);
  CHECK(std::isnan(exp_of_nonpositive(std::numeric_limits<float>::quiet_NaN())));
}
