// Element-by-element loops on the CPU over views of one shape, of any layout and slice.
//
//   map(context, y, [](float x) { return x > 0 ? x : 0; }, x);
//
// The function gets accumulator-typed values of the inputs and returns the output's; it is compiled for float and
// double. Pad lanes of y are written as zero, whatever the function makes of zero.
#pragma once

#include "kernels/device/parallel.h"
#include "kernels/device/view.h"

#include <algorithm>

namespace cuunet {

// Throws a ShapeError that prints both shapes when they differ.
void require_same_shape(const char* op, ConstView expected, ConstView found);

namespace elementwise {

// One stretch of n neighbouring elements.
template <class T, class Function, class... In>
inline void map_row(T* y, int64_t n, const Function& f, const In*... x) {
  using A = accumulator_t<T>;
  for (int64_t i = 0; i < n; ++i) y[i] = static_cast<T>(f(static_cast<A>(x[i])...));
}

constexpr int64_t grain = 16384;  // elements; below this a second thread costs more than it brings

}  // namespace elementwise

template <class Function, class... Views>
void map(Context& context, View y, const Function& f, Views... x) {
  (require_same_shape("elementwise", y, x), ...);
  visit_float(y.dtype, [&]<class T>(T) {
    int64_t columns = y.columns(), lanes = y.shape.rank() == 4 ? y.lanes : columns;
    bool flat = y.shape.rank() != 4 || (lanes == columns && y.whole() && ((x.pixel_stride == y.pixel_stride) && ...));
    if (flat) {
      parallel_for(context, y.rows() * columns, elementwise::grain, [=](int64_t begin, int64_t end) {
        elementwise::map_row(y.template as<T>() + begin, end - begin, f, (x.template as<T>() + begin)...);
      });
      return;
    }
    parallel_for(context, y.rows(), std::max<int64_t>(1, elementwise::grain / std::max<int64_t>(columns, 1)),
                 [=](int64_t begin, int64_t end) {
                   for (int64_t r = begin; r < end; ++r) {
                     T* out = y.template as<T>() + r * y.pixel_stride;
                     elementwise::map_row(out, columns, f, (x.template as<T>() + r * x.pixel_stride)...);
                     for (int64_t lane = columns; lane < lanes; ++lane) out[lane] = T{};
                   }
                 });
  });
}

}  // namespace cuunet
