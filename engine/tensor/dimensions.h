// A shape as the list of numbers that files hold.
#pragma once

#include "kernels/device/shape.h"

#include <cstdint>
#include <vector>

namespace cuunet {

inline std::vector<int64_t> dimensions_of(const Shape& shape) {
  std::vector<int64_t> dimensions;
  for (int i = 0; i < shape.rank(); ++i) dimensions.push_back(shape[i]);
  return dimensions;
}

}  // namespace cuunet
