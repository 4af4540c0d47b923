// Photographs as operators are given them: [H, W, 3] row-major, bytes, or f32 in 0 … 1.
#pragma once

#include "kernels/device/view.h"

namespace cuunet {

// Throws a ShapeError for anything else, or no pixels.
void require_photograph(const char* op, ConstView photo);

// On the CPU: one colour of one pixel in 0 … 1.
template <class A>
inline A colour_at(ConstView photo, int64_t row, int64_t column, int64_t c) {
  int64_t i = (row * photo.shape[1] + column) * 3 + c;
  return photo.dtype == DType::u8 ? static_cast<A>(photo.as<uint8_t>()[i]) / A(255)
                                  : static_cast<A>(photo.as<float>()[i]);
}

}  // namespace cuunet
