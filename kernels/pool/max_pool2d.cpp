#include "kernels/pool/max_pool2d.h"

#include "kernels/device/elementwise.h"

#include <limits>

namespace cuunet {

Shape max_pool2d_shape(const Shape& x, const MaxPoolParams& p) {
  if (p.kernel < 1 || p.kernel > 15 || p.stride < 1 || p.padding < 0 || 2 * p.padding > p.kernel) {
    throw ShapeError(
        "max_pool2d expects a kernel of 1 … 15, a positive stride and a padding of at most half the kernel, "
        "got kernel {}, stride {}, padding {}",
        p.kernel, p.stride, p.padding);
  }
  if (x.rank() != 4 || x[2] + 2 * p.padding < p.kernel || x[3] + 2 * p.padding < p.kernel) {
    throw ShapeError(
        "max_pool2d with kernel {0}, padding {1} expects [N, C, H, W] that holds a window of {0} x {0}, got {2}",
        p.kernel, p.padding, x.text());
  }
  auto out = [&](int64_t in) { return (in + 2 * p.padding - p.kernel) / p.stride + 1; };
  return {x[0], x[1], out(x[2]), out(x[3])};
}

namespace {

constexpr int64_t tile = 64;  // channels worked on together, in the nearest cache

// The part of a window that lies inside.
struct Span {
  int64_t first, last, origin;
};
inline Span window_of(int64_t output, int64_t size, const MaxPoolParams& p) {
  int64_t origin = output * p.stride - p.padding;
  return {std::max<int64_t>(origin, 0), std::min(origin + p.kernel, size), origin};
}

// Windows first … last-1 hold the input coordinate i.
inline Span windows_holding(int64_t i, int64_t outputs, const MaxPoolParams& p) {
  int64_t reach = i + p.padding - p.kernel + 1;
  int64_t first = reach > 0 ? (reach + p.stride - 1) / p.stride : 0;
  return {first, std::min((i + p.padding) / p.stride + 1, outputs), 0};
}

template <class T>
inline void pool_pixel(const T* image, int64_t width, int64_t stride, Span rows, Span columns, int kernel, T* out,
                       uint8_t* positions, int64_t channels) {
  using A = accumulator_t<T>;
  for (int64_t c0 = 0; c0 < channels; c0 += tile) {
    int64_t n = std::min(tile, channels - c0);
    A best[tile];
    int32_t where[tile];
    auto first = static_cast<int32_t>((rows.first - rows.origin) * kernel + columns.first - columns.origin);
    for (int64_t c = 0; c < n; ++c) best[c] = -std::numeric_limits<A>::infinity();
    for (int64_t c = 0; c < n; ++c) where[c] = first;
    for (int64_t h = rows.first; h < rows.last; ++h) {
      for (int64_t w = columns.first; w < columns.last; ++w) {
        const T* in = image + (h * width + w) * stride + c0;
        auto position = static_cast<int32_t>((h - rows.origin) * kernel + w - columns.origin);
        for (int64_t c = 0; c < n; ++c) {
          A v = static_cast<A>(in[c]);
          bool wins = (v > best[c]) | (v != v);
          best[c] = wins ? v : best[c];
          where[c] = wins ? position : where[c];
        }
      }
    }
    for (int64_t c = 0; c < n; ++c) out[c0 + c] = static_cast<T>(best[c]);
    if (positions == nullptr) continue;
    for (int64_t c = 0; c < n; ++c) positions[c0 + c] = static_cast<uint8_t>(where[c]);
  }
}

void forward(Context& context, ConstView x, View y, View positions, const MaxPoolParams& p) {
  Shape expected = max_pool2d_shape(x.shape, p);
  if (!(y.shape == expected) || y.dtype != x.dtype || !(positions.empty() || positions.shape == expected)) {
    throw ShapeError("max_pool2d of {} gives {}, got {}", x.shape.text(), expected.text(), y.shape.text());
  }
  visit_float(x.dtype, [&]<class T>(T) {
    int64_t grain = std::max<int64_t>(1, elementwise::grain / std::max<int64_t>(1, x.c() * y.w()));
    parallel_for(context, y.n() * y.h(), grain, [=](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        const T* image = x.as<T>() + row / y.h() * x.h() * x.w() * x.pixel_stride;
        Span rows = window_of(row % y.h(), x.h(), p);
        for (int64_t q = 0; q < y.w(); ++q) {
          T* out = y.as<T>() + (row * y.w() + q) * y.pixel_stride;
          uint8_t* where =
              positions.empty() ? nullptr : positions.as<uint8_t>() + (row * y.w() + q) * positions.pixel_stride;
          pool_pixel(image, x.w(), x.pixel_stride, rows, window_of(q, x.w(), p), p.kernel, out, where, x.c());
          for (int64_t lane = x.c(); lane < y.lanes; ++lane) out[lane] = T{};
        }
      }
    });
  });
}

// What the windows that hold (h, w) give back to it.
template <class T>
inline void collect_pixel(const T* grad_y, int64_t grad_stride, const uint8_t* positions, int64_t position_stride,
                          int64_t out_width, Span rows, Span columns, int64_t h, int64_t w, const MaxPoolParams& p,
                          T* grad_x, int64_t channels) {
  using A = accumulator_t<T>;
  for (int64_t c0 = 0; c0 < channels; c0 += tile) {
    int64_t n = std::min(tile, channels - c0);
    A sums[tile];
    for (int64_t c = 0; c < n; ++c) sums[c] = 0;
    for (int64_t i = rows.first; i < rows.last; ++i) {
      for (int64_t j = columns.first; j < columns.last; ++j) {
        const T* up = grad_y + (i * out_width + j) * grad_stride + c0;
        const uint8_t* where = positions + (i * out_width + j) * position_stride + c0;
        int64_t r = h - (i * p.stride - p.padding), s = w - (j * p.stride - p.padding);
        auto position = static_cast<uint8_t>(r * p.kernel + s);
        for (int64_t c = 0; c < n; ++c) sums[c] += where[c] == position ? static_cast<A>(up[c]) : A(0);
      }
    }
    for (int64_t c = 0; c < n; ++c) grad_x[c0 + c] = static_cast<T>(sums[c]);
  }
}

void backward(Context& context, ConstView positions, ConstView grad_y, View grad_x, const MaxPoolParams& p) {
  if (grad_x.empty()) return;
  Shape expected = max_pool2d_shape(grad_x.shape, p);
  if (!(grad_y.shape == expected) || grad_y.dtype != grad_x.dtype || !(positions.shape == expected)) {
    throw ShapeError("max_pool2d of {} expects a gradient {}, got {}", grad_x.shape.text(), expected.text(),
                     grad_y.shape.text());
  }
  visit_float(grad_x.dtype, [&]<class T>(T) {
    int64_t height = grad_x.h(), width = grad_x.w(), channels = grad_x.c();
    int64_t grain = std::max<int64_t>(1, elementwise::grain / std::max<int64_t>(1, channels * width));
    parallel_for(context, grad_x.n() * height, grain, [=](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        int64_t first_out = row / height * grad_y.h() * grad_y.w(), h = row % height;
        const T* up = grad_y.as<T>() + first_out * grad_y.pixel_stride;
        const uint8_t* where = positions.as<uint8_t>() + first_out * positions.pixel_stride;
        for (int64_t w = 0; w < width; ++w) {
          T* out = grad_x.as<T>() + (row * width + w) * grad_x.pixel_stride;
          collect_pixel(up, grad_y.pixel_stride, where, positions.pixel_stride, grad_y.w(),
                        windows_holding(h, grad_y.h(), p), windows_holding(w, grad_y.w(), p), h, w, p, out, channels);
          for (int64_t lane = channels; lane < grad_x.lanes; ++lane) out[lane] = T{};
        }
      }
    });
  });
}

void indices(Context& context, ConstView positions, View indices, int64_t width, const MaxPoolParams& p) {
  parallel_for(context, positions.n() * positions.h(), 16, [=](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      for (int64_t q = 0; q < positions.w(); ++q) {
        int64_t pixel = row * positions.w() + q, top = row % positions.h() * p.stride - p.padding;
        const uint8_t* where = positions.as<uint8_t>() + pixel * positions.pixel_stride;
        int64_t* out = indices.as<int64_t>() + pixel * indices.pixel_stride;
        for (int64_t c = 0; c < positions.c(); ++c) {
          out[c] = (top + where[c] / p.kernel) * width + q * p.stride - p.padding + where[c] % p.kernel;
        }
      }
    }
  });
}

const Implementation forward_on_cpu{max_pool2d_forward, Device::cpu, forward};
const Implementation backward_on_cpu{max_pool2d_backward, Device::cpu, backward};
const Implementation indices_on_cpu{max_pool2d_indices, Device::cpu, indices};

}  // namespace
}  // namespace cuunet
