#include "kernels/device/elementwise.h"

#include "kernels/device/error.h"

namespace cuunet {

void require_same_shape(const char* op, ConstView expected, ConstView found) {
  if (expected.shape == found.shape && expected.dtype == found.dtype) return;
  throw ShapeError("{} expects {} {}, got {} {}", op, name_of(expected.dtype), expected.shape.text(),
                   name_of(found.dtype), found.shape.text());
}

}  // namespace cuunet
