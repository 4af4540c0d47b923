// Sums in double that vectorise: eight partial sums side by side, added in a fixed order, the same on every machine.
#pragma once

#include <cstdint>

namespace cuunet {

// Σ a[i] · b[i]
template <class A, class B>
inline double sum_of_products(const A* a, const B* b, int64_t n) {
  constexpr int64_t width = 8;
  double lanes[width] = {};
  int64_t whole = n / width * width;
  for (int64_t i = 0; i < whole; i += width) {
    for (int64_t lane = 0; lane < width; ++lane) {
      lanes[lane] += static_cast<double>(a[i + lane]) * static_cast<double>(b[i + lane]);
    }
  }
  double sum = ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
  for (int64_t i = whole; i < n; ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

}  // namespace cuunet
