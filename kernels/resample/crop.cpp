#include "kernels/resample/crop.h"

#include "kernels/device/copy.h"
#include "kernels/device/elementwise.h"

namespace cuunet {
namespace {

void require_inside(ConstView whole, ConstView part, CropOrigin o) {
  bool fits = whole.shape.rank() == 4 && part.shape.rank() == 4 && whole.dtype == part.dtype;
  fits = fits && std::min({o.n, o.c, o.h, o.w}) >= 0 && o.n + part.n() <= whole.n() && o.c + part.c() <= whole.c() &&
         o.h + part.h() <= whole.h() && o.w + part.w() <= whole.w();
  if (fits) return;
  throw ShapeError("a slice {} {} at ({}, {}, {}, {}) is not inside {} {}", name_of(part.dtype), part.shape.text(), o.n,
                   o.c, o.h, o.w, name_of(whole.dtype), whole.shape.text());
}

// copy_row(part's row, whole's row, pixels) for every row of pixels in the range.
template <class T, class Copy>
void for_rows(Context& context, ConstView whole, ConstView part, CropOrigin o, const Copy& copy_row) {
  int64_t grain = std::max<int64_t>(1, elementwise::grain / std::max<int64_t>(1, part.w() * part.c()));
  parallel_for(context, part.n() * part.h(), grain, [=](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      int64_t n = row / part.h(), h = row % part.h();
      copy_row(part.offset(n, 0, h, 0), whole.offset(o.n + n, o.c, o.h + h, o.w));
    }
  });
}

void forward(Context& context, ConstView x, View y, CropOrigin origin) {
  require_inside(x, y, origin);
  visit_float(x.dtype, [&]<class T>(T) {
    for_rows<T>(context, x, y, origin, [=](int64_t to, int64_t from) {
      for (int64_t w = 0; w < y.w(); ++w) {
        const T* in = x.as<T>() + from + w * x.pixel_stride;
        T* out = y.as<T>() + to + w * y.pixel_stride;
        for (int64_t c = 0; c < y.c(); ++c) out[c] = in[c];
        for (int64_t c = y.c(); c < y.lanes; ++c) out[c] = T{};
      }
    });
  });
}

void backward(Context& context, ConstView grad_y, View grad_x, CropOrigin origin) {
  if (grad_x.empty()) return;
  require_inside(grad_x, grad_y, origin);
  fill_zero(context, grad_x);
  visit_float(grad_x.dtype, [&]<class T>(T) {
    for_rows<T>(context, grad_x, grad_y, origin, [=](int64_t from, int64_t to) {
      for (int64_t w = 0; w < grad_y.w(); ++w) {
        const T* in = grad_y.as<T>() + from + w * grad_y.pixel_stride;
        T* out = grad_x.as<T>() + to + w * grad_x.pixel_stride;
        for (int64_t c = 0; c < grad_y.c(); ++c) out[c] = in[c];
      }
    });
  });
}

const Implementation forward_on_cpu{crop_forward, Device::cpu, forward};
const Implementation backward_on_cpu{crop_backward, Device::cpu, backward};

}  // namespace
}  // namespace cuunet
