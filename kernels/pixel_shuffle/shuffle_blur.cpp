#include "kernels/pixel_shuffle/shuffle_blur.h"

#include "kernels/device/parallel.h"
#include "kernels/pixel_shuffle/interleave.h"
#include "kernels/pixel_shuffle/pixel_shuffle.h"

#include <algorithm>
#include <utility>

namespace cuunet {
namespace {

// bf16 is moved as the integer it holds: as a struct its loops are not vectorised.
inline uint16_t* movable(bfloat16* p) { return &p->bits; }
inline const uint16_t* movable(const bfloat16* p) { return &p->bits; }
template <class T>
T* movable(T* p) {
  return p;
}

void require_shuffled(const char* op, ConstView coarse, ConstView fine) {
  if (coarse.dtype == fine.dtype && pixel_shuffle_shape(coarse.shape, 2) == fine.shape) return;
  throw ShapeError("{} between {} {} and {} {}: the second must be the first shuffled by 2", op, name_of(coarse.dtype),
                   coarse.shape.text(), name_of(fine.dtype), fine.shape.text());
}

// Coarse rows in bands, each with rows of its own of fine pixels: body(first row, last row, its scratch).
template <class T, class Body>
void for_bands(Context& context, ConstView coarse, int64_t fine_rows, const Body& body) {
  int64_t rows = coarse.n() * coarse.h(), bands = std::min<int64_t>(rows, 4 * context.threads());
  int64_t elements = fine_rows * coarse.w() * coarse.c() / 2;  // a fine row has 2W pixels of C/4 channels
  Workspace scratch(context, static_cast<size_t>(bands * elements) * sizeof(T));
  T* memory = scratch.as<T>();
  parallel_for(context, bands, 1, [=](int64_t begin, int64_t end) {
    for (int64_t band = begin; band < end; ++band) {
      body(rows * band / bands, rows * (band + 1) / bands, memory + band * elements);
    }
  });
}

template <class T>
inline void spread_row(const T* coarse, int64_t stride, int64_t width, int64_t channels, T* top, T* bottom) {
  for (int64_t w = 0; w < width; ++w) {
    T *t = top + 2 * w * channels, *b = bottom + 2 * w * channels;
    spread4(movable(coarse + w * stride), channels, movable(t), movable(t + channels), movable(b),
            movable(b + channels));
  }
}

// One fine row of y from the rows `above` and `here` of dense fine pixels.
template <class T>
inline void blur_row(const T* above, const T* here, int64_t width, int64_t channels, T* y, int64_t stride,
                     int64_t lanes) {
  using A = accumulator_t<T>;
  for (int64_t b = 0; b < width; ++b) {
    int64_t at = b * channels, left = b > 0 ? at - channels : 0;
    const T* __restrict p = above + left, * __restrict q = above + at, * __restrict r = here + left, * __restrict s = here + at;
    T* __restrict out = y + b * stride;
    for (int64_t c = 0; c < channels; ++c) {
      A upper = static_cast<A>(p[c]) + static_cast<A>(q[c]), lower = static_cast<A>(r[c]) + static_cast<A>(s[c]);
      out[c] = static_cast<T>((upper + lower) * A(0.25));
    }
    for (int64_t c = channels; c < lanes; ++c) out[c] = T{};
  }
}

void forward(Context& context, ConstView x, View y) {
  require_shuffled("shuffle_blur", x, y);
  visit_float(x.dtype, [&]<class T>(T) {
    int64_t channels = y.c(), width = x.w(), height = x.h(), fine = y.w() * channels;
    for_bands<T>(context, x, 3, [=](int64_t begin, int64_t end, T* scratch) {
      T *top = scratch, *bottom = scratch + fine, *before = scratch + 2 * fine;
      auto coarse_row = [=](int64_t row) { return x.as<T>() + row * width * x.pixel_stride; };
      if (begin % height != 0) spread_row(coarse_row(begin - 1), x.pixel_stride, width, channels, top, before);
      for (int64_t row = begin; row < end; ++row) {
        spread_row(coarse_row(row), x.pixel_stride, width, channels, top, bottom);
        T* out = y.as<T>() + 2 * row * y.w() * y.pixel_stride;
        blur_row(row % height != 0 ? before : top, top, y.w(), channels, out, y.pixel_stride, y.lanes);
        blur_row(top, bottom, y.w(), channels, out + y.w() * y.pixel_stride, y.pixel_stride, y.lanes);
        std::swap(before, bottom);
      }
    });
  });
}

// What the fine pixels of one row give back: each was read by itself, the pixel to the right, and the two below those.
// At the top and left border it also stands for the padding.
template <class T>
inline void collect_row(const T* grad_y, int64_t stride, int64_t row, int64_t height, int64_t width, int64_t channels,
                        T* out) {
  using A = accumulator_t<T>;
  bool last = row + 1 == height;
  A here = row == 0 ? A(0.5) : A(0.25), below = last ? A(0) : A(0.25);
  for (int64_t b = 0; b < width; ++b, out += channels) {
    A own = b == 0 ? A(2) : A(1), right = b + 1 == width ? A(0) : A(1);
    const T* __restrict p = grad_y + (row * width + b) * stride;
    const T* __restrict q = b + 1 == width ? p : p + stride;
    const T* __restrict r = last ? p : p + width * stride, * __restrict s = last ? q : q + width * stride;
    A wp = here * own, wq = here * right, wr = below * own, ws = below * right;
    for (int64_t c = 0; c < channels; ++c) {
      out[c] = static_cast<T>((wp * static_cast<A>(p[c]) + wq * static_cast<A>(q[c])) +
                              (wr * static_cast<A>(r[c]) + ws * static_cast<A>(s[c])));
    }
  }
}

void backward(Context& context, ConstView grad_y, View grad_x) {
  if (grad_x.empty()) return;
  require_shuffled("shuffle_blur", grad_x, grad_y);
  visit_float(grad_x.dtype, [&]<class T>(T) {
    int64_t channels = grad_y.c(), width = grad_x.w(), height = grad_x.h(), fine = grad_y.w() * channels;
    for_bands<T>(context, grad_x, 2, [=](int64_t begin, int64_t end, T* scratch) {
      T *top = scratch, *bottom = scratch + fine;
      for (int64_t row = begin; row < end; ++row) {
        const T* image = grad_y.as<T>() + row / height * grad_y.h() * grad_y.w() * grad_y.pixel_stride;
        int64_t h = 2 * (row % height);
        collect_row(image, grad_y.pixel_stride, h, grad_y.h(), grad_y.w(), channels, top);
        collect_row(image, grad_y.pixel_stride, h + 1, grad_y.h(), grad_y.w(), channels, bottom);
        for (int64_t w = 0; w < width; ++w) {
          T* out = grad_x.as<T>() + (row * width + w) * grad_x.pixel_stride;
          const T *t = top + 2 * w * channels, *b = bottom + 2 * w * channels;
          gather4(movable(out), channels, movable(t), movable(t + channels), movable(b), movable(b + channels));
          for (int64_t c = 4 * channels; c < grad_x.lanes; ++c) out[c] = T{};
        }
      }
    });
  });
}

const Implementation forward_on_cpu{shuffle_blur_forward, Device::cpu, forward};
const Implementation backward_on_cpu{shuffle_blur_backward, Device::cpu, backward};

}  // namespace
}  // namespace cuunet
