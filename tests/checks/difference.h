// How far two lists of numbers are apart.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace cuunet {

// The largest difference, as a share of the largest value.
inline double difference(const std::vector<double>& found, const std::vector<double>& expected) {
  REQUIRE(found.size() == expected.size());
  double largest = 0, scale = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    double apart = std::fabs(found[i] - expected[i]);
    largest = apart <= largest ? largest : apart;  // a NaN stays
    scale = std::max(scale, std::fabs(expected[i]));
  }
  return largest / scale;
}

}  // namespace cuunet
