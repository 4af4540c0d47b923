#include "kernels/image/area_shrink.h"

#include "kernels/device/elementwise.h"
#include "kernels/image/photograph.h"

namespace cuunet {

void require_area_shrink(ConstView photo, ConstView y) {
  require_photograph("area_shrink", photo);
  const Shape& from = photo.shape;
  bool fits = y.shape.rank() == 3 && y.shape[2] == 3 && y.shape[0] > 0 && y.shape[1] > 0;
  if (fits && y.shape[0] <= from[0] && y.shape[1] <= from[1]) return;
  throw ShapeError("area_shrink of {} gives a smaller [h, w, 3], got {}", from.text(), y.shape.text());
}

namespace {

void shrink(Context& context, ConstView photo, View y) {
  require_area_shrink(photo, y);
  int64_t height = photo.shape[0], width = photo.shape[1], rows = y.shape[0], columns = y.shape[1];
  visit_float(y.dtype, [&]<class T>(T) {
    using A = accumulator_t<T>;
    parallel_for(context, rows, 1, [=](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        int64_t top = i * height / rows, bottom = ((i + 1) * height + rows - 1) / rows;
        for (int64_t j = 0; j < columns; ++j) {
          int64_t left = j * width / columns, right = ((j + 1) * width + columns - 1) / columns;
          for (int64_t c = 0; c < 3; ++c) {
            A sum = 0;
            for (int64_t row = top; row < bottom; ++row) {
              for (int64_t column = left; column < right; ++column) sum += colour_at<A>(photo, row, column, c);
            }
            y.as<T>()[(i * columns + j) * 3 + c] =
                static_cast<T>(sum / static_cast<A>((bottom - top) * (right - left)));
          }
        }
      }
    });
  });
}

const Implementation on_cpu{area_shrink_forward, Device::cpu, shrink};

}  // namespace
}  // namespace cuunet
