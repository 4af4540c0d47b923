#include "kernels/conv/border.h"

#include "kernels/device/copy.h"
#include "kernels/device/parallel.h"

namespace cuunet {

void write_border(Context& context, ConstView x, View padded, int64_t padding, PaddingMode mode) {
  visit_float(x.dtype, [&]<class T>(T) {
    parallel_for(context, padded.n() * padded.h(), 4, [=](int64_t begin, int64_t end) {
      for (int64_t line = begin; line < end; ++line) {
        int64_t n = line / padded.h(), h = padded_index(line % padded.h() - padding, x.h(), mode);
        for (int64_t j = 0; j < padded.w(); ++j) {
          int64_t w = padded_index(j - padding, x.w(), mode);
          T* to = padded.as<T>() + (line * padded.w() + j) * padded.pixel_stride;
          bool inside = h >= 0 && w >= 0;
          const T* from = x.as<T>() + (inside ? x.offset(n, 0, h, w) : 0);
          for (int64_t c = 0; c < x.c(); ++c) to[c] = inside ? from[c] : T{};
          for (int64_t c = x.c(); c < padded.lanes; ++c) to[c] = T{};
        }
      }
    });
  });
}

void fold_border(Context& context, ConstView padded, View grad_x, int64_t padding, PaddingMode mode) {
  fill_zero(context, grad_x);
  visit_float(grad_x.dtype, [&]<class T>(T) {
    parallel_for(context, grad_x.n(), 1, [=](int64_t begin, int64_t end) {
      for (int64_t n = begin; n < end; ++n) {
        for (int64_t i = 0; i < padded.h(); ++i) {
          int64_t h = padded_index(i - padding, grad_x.h(), mode);
          for (int64_t j = 0; j < padded.w(); ++j) {
            int64_t w = padded_index(j - padding, grad_x.w(), mode);
            if (h < 0 || w < 0) continue;
            const T* from = padded.as<T>() + padded.offset(n, 0, i, j);
            T* to = grad_x.as<T>() + grad_x.offset(n, 0, h, w);
            for (int64_t c = 0; c < grad_x.c(); ++c) to[c] = static_cast<T>(to[c] + from[c]);
          }
        }
      }
    });
  });
}

}  // namespace cuunet
