// Loops over tensors of different shapes: how far one step along each dimension goes in each tensor, the
// dimensions in the order in which the fuller tensor is stored, so that the last one is dense there.
#pragma once

#include "kernels/device/view.h"

#include <array>

namespace cuunet {

struct Axes {
  std::array<int64_t, 4> size{1, 1, 1, 1};

  using Steps = std::array<int64_t, 4>;
  // Offsets of the outer index i = (i0·size[1] + i1)·size[2] + i2, before the last dimension.
  int64_t outer() const { return size[0] * size[1] * size[2]; }
  int64_t offset(const Steps& steps, int64_t i) const {
    return i / (size[1] * size[2]) * steps[0] + i / size[2] % size[1] * steps[1] + i % size[2] * steps[2];
  }
};

// Elements from one index to the next along each logical dimension.
inline std::array<int64_t, 4> logical_steps(ConstView v) {
  std::array<int64_t, 4> steps{};
  if (v.shape.rank() == 4) return {v.h() * v.w() * v.pixel_stride, 1, v.w() * v.pixel_stride, v.pixel_stride};
  int64_t step = 1;
  for (int d = v.shape.rank() - 1; d >= 0; --d) {
    steps[static_cast<size_t>(d)] = step;
    step *= v.shape[d];
  }
  return steps;
}

// Logical dimensions (of a tensor of this rank) to the order of Axes: [N, C, H, W] is stored N, H, W, C.
inline Axes::Steps stored_order(const std::array<int64_t, 4>& logical, int rank, int64_t missing) {
  if (rank == 4) return {logical[0], logical[2], logical[3], logical[1]};
  Axes::Steps result{missing, missing, missing, missing};
  for (int d = 0; d < rank; ++d) result[static_cast<size_t>(4 - rank + d)] = logical[static_cast<size_t>(d)];
  return result;
}

inline Axes axes_of(const Shape& shape) {
  std::array<int64_t, 4> logical{};
  for (int d = 0; d < Shape::max_rank; ++d) logical[static_cast<size_t>(d)] = d < shape.rank() ? shape[d] : 1;
  return {stored_order(logical, shape.rank(), 1)};
}
inline Axes::Steps steps_of(ConstView v) { return stored_order(logical_steps(v), v.shape.rank(), 0); }

// A tensor repeated along the dimensions of `full` where it has one element or none: dimensions align at the end.
inline Axes::Steps broadcast_steps(ConstView v, const Shape& full) {
  std::array<int64_t, 4> own = logical_steps(v), aligned{};
  for (int d = 0; d < v.shape.rank(); ++d) {
    if (v.shape[d] > 1) aligned[static_cast<size_t>(full.rank() - v.shape.rank() + d)] = own[static_cast<size_t>(d)];
  }
  return stored_order(aligned, full.rank(), 0);
}

// The steps of y, x summed over `dims`, along x's dimensions: 0 where they are summed.
inline Axes::Steps reduced_steps(ConstView x, ConstView y, unsigned dims) {
  std::array<int64_t, 4> own = logical_steps(y), result{};
  bool kept_all = y.shape.rank() == x.shape.rank();
  size_t at = 0;
  for (int d = 0; d < x.shape.rank(); ++d) {
    bool summed = (dims >> d & 1) != 0;
    if (!summed) result[static_cast<size_t>(d)] = own[kept_all ? static_cast<size_t>(d) : at];
    if (!summed || kept_all) ++at;
  }
  return stored_order(result, x.shape.rank(), 0);
}

}  // namespace cuunet
