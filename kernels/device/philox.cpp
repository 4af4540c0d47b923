#include "kernels/device/philox.h"

#include <cmath>
#include <numbers>

namespace cuunet {

double RandomStream::normal() {
  double radius = std::sqrt(-2.0 * std::log(1.0 - unit()));
  return radius * std::cos(2.0 * std::numbers::pi * unit());
}

}  // namespace cuunet
