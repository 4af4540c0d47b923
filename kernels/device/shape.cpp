#include "kernels/device/shape.h"

#include "kernels/device/error.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace cuunet {

Shape::Shape(std::initializer_list<int64_t> dimensions)
    : Shape(std::span<const int64_t>(dimensions.begin(), dimensions.size())) {}

Shape::Shape(std::span<const int64_t> dimensions) : rank_(static_cast<int>(dimensions.size())) {
  if (dimensions.size() > max_rank) {
    throw ShapeError("a tensor has at most {} dimensions, got [{}]", max_rank, fmt::join(dimensions, ", "));
  }
  for (int64_t d : dimensions) {
    if (d < 0) throw ShapeError("a dimension cannot be negative, got [{}]", fmt::join(dimensions, ", "));
  }
  std::copy(dimensions.begin(), dimensions.end(), dimensions_.begin());
}

std::string Shape::text() const {
  return fmt::format("[{}]", fmt::join(dimensions_.begin(), dimensions_.begin() + rank_, ", "));
}

}  // namespace cuunet
