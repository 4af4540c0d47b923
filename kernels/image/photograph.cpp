#include "kernels/image/photograph.h"

#include "kernels/device/error.h"

namespace cuunet {

void require_photograph(const char* op, ConstView photo) {
  bool fits = photo.shape.rank() == 3 && photo.shape[0] > 0 && photo.shape[1] > 0 && photo.shape[2] == 3;
  if (fits && (photo.dtype == DType::u8 || photo.dtype == DType::f32)) return;
  throw ShapeError("{}: expected a photograph [H, W, 3] of u8 or f32, got {} {}", op, name_of(photo.dtype),
                   photo.shape.text());
}

}  // namespace cuunet
