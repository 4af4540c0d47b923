#include "kernels/loss/edge_maps.h"

#include "kernels/device/elementwise.h"
#include "kernels/device/error.h"
#include "kernels/loss/reduction.h"

#include <cmath>

namespace cuunet {
namespace {

template <class A>
struct Kernel {
  A tap[3][3];
};
template <class A>
constexpr Kernel<A> sobel_x{{{1, 0, -1}, {2, 0, -2}, {1, 0, -1}}};
template <class A>
constexpr Kernel<A> sobel_y{{{1, 2, 1}, {0, 0, 0}, {-1, -2, -1}}};
template <class A>
constexpr Kernel<A> laplace{{{0, 1, 0}, {1, -4, 1}, {0, 1, 0}}};

void require_map(const char* op, ConstView x, ConstView y, PaddingMode padding) {
  if (x.shape.rank() != 4) throw ShapeError("{}: expected [N, C, H, W], got {}", op, x.shape.text());
  if (padding == PaddingMode::reflect && (x.h() < 2 || x.w() < 2)) {
    throw ShapeError("{}: reflect padding needs at least 2 rows and columns, got {}", op, x.shape.text());
  }
  Shape expected{x.n(), 1, x.h(), x.w()};
  DType dtype = loss_dtype(x.dtype);
  if (y.shape != expected || y.dtype != dtype) {
    throw ShapeError("{}: expected an output {} {}, got {} {}", op, name_of(dtype), expected.text(), name_of(y.dtype),
                     y.shape.text());
  }
}

// m[h, w] of one image, row-major.
template <class T, class A>
inline void channel_mean(const ConstView& x, int64_t n, A* m) {
  const T* pixels = x.as<T>() + x.offset(n, 0, 0, 0);
  for (int64_t p = 0; p < x.h() * x.w(); ++p) {
    A sum = 0;
    for (int64_t c = 0; c < x.c(); ++c) sum += static_cast<A>(pixels[p * x.pixel_stride + c]);
    m[p] = sum / static_cast<A>(x.c());
  }
}

template <class A>
inline A correlate(const A* m, int64_t height, int64_t width, int64_t h, int64_t w, PaddingMode padding,
                   const Kernel<A>& kernel) {
  A sum = 0;
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b < 3; ++b) {
      int64_t i = padded_index(h + a - 1, height, padding), j = padded_index(w + b - 1, width, padding);
      if (i >= 0 && j >= 0) sum += kernel.tap[a][b] * m[i * width + j];
    }
  }
  return sum;
}

// The transpose of correlate: what the output at (h, w) passes back to m.
template <class A>
inline void scatter(A* grad_m, int64_t height, int64_t width, int64_t h, int64_t w, PaddingMode padding,
                    const Kernel<A>& kernel, A grad) {
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b < 3; ++b) {
      int64_t i = padded_index(h + a - 1, height, padding), j = padded_index(w + b - 1, width, padding);
      if (i >= 0 && j >= 0) grad_m[i * width + j] += kernel.tap[a][b] * grad;
    }
  }
}

template <class T, class A>
inline void spread_to_channels(const A* grad_m, int64_t n, const View& grad_x) {
  T* pixels = grad_x.as<T>() + grad_x.offset(n, 0, 0, 0);
  for (int64_t p = 0; p < grad_x.h() * grad_x.w(); ++p) {
    T* out = pixels + p * grad_x.pixel_stride;
    T share = static_cast<T>(grad_m[p] / static_cast<A>(grad_x.c()));
    for (int64_t c = 0; c < grad_x.c(); ++c) out[c] = share;
    for (int64_t lane = grad_x.c(); lane < grad_x.lanes; ++lane) out[lane] = T{};
  }
}

// Runs image(n, plane) for every image with a plane of [H, W] accumulators for it.
template <class A, class Image>
void for_each_image(Context& context, ConstView x, const Image& image) {
  int64_t plane = x.h() * x.w();
  Workspace planes(context, static_cast<size_t>(x.n() * plane) * sizeof(A));
  A* all = planes.as<A>();
  parallel_for(context, x.n(), 1, [=](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) image(n, all + n * plane);
  });
}

template <class T>
inline T* row_of(const View& y, int64_t n, int64_t h) {
  return y.as<T>() + y.offset(n, 0, h, 0);
}
template <class T>
inline const T* row_of(const ConstView& y, int64_t n, int64_t h) {
  return y.as<T>() + y.offset(n, 0, h, 0);
}

template <class A>
inline void store(const View& y, int64_t n, int64_t h, int64_t w, A value) {
  A* out = row_of<A>(y, n, h) + w * y.pixel_stride;
  out[0] = value;
  for (int64_t lane = 1; lane < y.lanes; ++lane) out[lane] = A(0);
}

void sobel(Context& context, ConstView x, View gx, View gy, View y, PaddingMode padding) {
  for (const View& out : {gx, gy, y}) require_map("sobel", x, out, padding);
  visit_float(x.dtype, [&]<class T>(T) {
    using A = accumulator_t<T>;
    for_each_image<A>(context, x, [=](int64_t n, A* m) {
      channel_mean<T>(x, n, m);
      for (int64_t h = 0; h < x.h(); ++h) {
        for (int64_t w = 0; w < x.w(); ++w) {
          A across = correlate(m, x.h(), x.w(), h, w, padding, sobel_x<A>);
          A down = correlate(m, x.h(), x.w(), h, w, padding, sobel_y<A>);
          store<A>(gx, n, h, w, across);
          store<A>(gy, n, h, w, down);
          store<A>(y, n, h, w, std::sqrt(across * across + down * down + A(1e-6)));
        }
      }
    });
  });
}

void sobel_gradient(Context& context, ConstView gx, ConstView gy, ConstView y, ConstView grad_y, View grad_x,
                    PaddingMode padding) {
  require_map("sobel_backward", grad_x, grad_y, padding);
  visit_float(grad_x.dtype, [&]<class T>(T) {
    using A = accumulator_t<T>;
    for_each_image<A>(context, grad_x, [=](int64_t n, A* grad_m) {
      int64_t height = y.h(), width = y.w();
      std::fill(grad_m, grad_m + height * width, A(0));
      for (int64_t h = 0; h < height; ++h) {
        for (int64_t w = 0; w < width; ++w) {
          auto at = [&](const ConstView& view) { return row_of<A>(view, n, h)[w * view.pixel_stride]; };
          A share = at(grad_y) / at(y);
          scatter(grad_m, height, width, h, w, padding, sobel_x<A>, share * at(gx));
          scatter(grad_m, height, width, h, w, padding, sobel_y<A>, share * at(gy));
        }
      }
      spread_to_channels<T>(grad_m, n, grad_x);
    });
  });
}

void laplacian(Context& context, ConstView x, View y, PaddingMode padding) {
  require_map("laplacian", x, y, padding);
  visit_float(x.dtype, [&]<class T>(T) {
    using A = accumulator_t<T>;
    for_each_image<A>(context, x, [=](int64_t n, A* m) {
      channel_mean<T>(x, n, m);
      for (int64_t h = 0; h < x.h(); ++h) {
        for (int64_t w = 0; w < x.w(); ++w) {
          store<A>(y, n, h, w, correlate(m, x.h(), x.w(), h, w, padding, laplace<A>));
        }
      }
    });
  });
}

void laplacian_gradient(Context& context, ConstView grad_y, View grad_x, PaddingMode padding) {
  require_map("laplacian_backward", grad_x, grad_y, padding);
  visit_float(grad_x.dtype, [&]<class T>(T) {
    using A = accumulator_t<T>;
    for_each_image<A>(context, grad_x, [=](int64_t n, A* grad_m) {
      int64_t height = grad_y.h(), width = grad_y.w();
      std::fill(grad_m, grad_m + height * width, A(0));
      for (int64_t h = 0; h < height; ++h) {
        for (int64_t w = 0; w < width; ++w) {
          A grad = row_of<A>(grad_y, n, h)[w * grad_y.pixel_stride];
          scatter(grad_m, height, width, h, w, padding, laplace<A>, grad);
        }
      }
      spread_to_channels<T>(grad_m, n, grad_x);
    });
  });
}

const Implementation sobel_on_cpu{sobel_forward, Device::cpu, sobel};
const Implementation sobel_backward_on_cpu{sobel_backward, Device::cpu, sobel_gradient};
const Implementation laplacian_on_cpu{laplacian_forward, Device::cpu, laplacian};
const Implementation laplacian_backward_on_cpu{laplacian_backward, Device::cpu, laplacian_gradient};

}  // namespace
}  // namespace cuunet
