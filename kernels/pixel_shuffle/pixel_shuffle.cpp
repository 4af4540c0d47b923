#include "kernels/pixel_shuffle/pixel_shuffle.h"

#include "kernels/device/elementwise.h"
#include "kernels/pixel_shuffle/interleave.h"

namespace cuunet {

Shape pixel_shuffle_shape(const Shape& x, int factor) {
  int64_t square = int64_t{factor} * factor;
  if (x.rank() != 4 || factor < 1 || x[1] % square != 0) {
    throw ShapeError("pixel_shuffle by {} expects [N, C, H, W] with C divisible by {}, got {}", factor, square,
                     x.text());
  }
  return {x[0], x[1] / square, x[2] * factor, x[3] * factor};
}

Shape pixel_unshuffle_shape(const Shape& x, int factor) {
  if (x.rank() != 4 || factor < 1 || x[2] % factor != 0 || x[3] % factor != 0) {
    throw ShapeError("pixel_unshuffle by {} expects [N, C, H, W] with H and W divisible by {}, got {}", factor, factor,
                     x.text());
  }
  return {x[0], x[1] * factor * factor, x[2] / factor, x[3] / factor};
}

namespace {

// Elements are moved, not computed with: as unsigned integers their loops are vectorised, as bfloat16 they are not.
template <class Visitor>
void visit_bits(DType dtype, const Visitor& visitor) {
  switch (size_of(dtype)) {
    case 2: return visitor(uint16_t{});
    case 4: return visitor(uint32_t{});
    case 8: return visitor(uint64_t{});
    default: throw_not_a_float(dtype);
  }
}

template <class T>
inline void clear_lanes(T* pixel, int64_t first, int64_t lanes) {
  for (int64_t lane = first; lane < lanes; ++lane) pixel[lane] = T{};
}

// body(n·H + h, w) for every coarse pixel.
template <class Body>
void for_coarse_rows(Context& context, ConstView coarse, const Body& body) {
  int64_t row_elements = std::max<int64_t>(1, coarse.w() * coarse.c());
  parallel_for(context, coarse.n() * coarse.h(), std::max<int64_t>(1, elementwise::grain / row_elements),
               [=](int64_t begin, int64_t end) {
                 for (int64_t row = begin; row < end; ++row) body(row);
               });
}

void shuffle(Context& context, ConstView x, View y, int factor) {
  if (!(pixel_shuffle_shape(x.shape, factor) == y.shape) || x.dtype != y.dtype) {
    throw ShapeError("pixel_shuffle by {} of {} {} cannot give {} {}", factor, name_of(x.dtype), x.shape.text(),
                     name_of(y.dtype), y.shape.text());
  }
  visit_bits(x.dtype, [&]<class T>(T) {
    int64_t r = factor, channels = y.c(), width = x.w();
    for_coarse_rows(context, x, [=](int64_t row) {
      const T* in = x.as<T>() + row * width * x.pixel_stride;
      T* out = y.as<T>() + row * r * y.w() * y.pixel_stride;
      int64_t below = y.w() * y.pixel_stride;
      for (int64_t w = 0; w < width; ++w, in += x.pixel_stride, out += r * y.pixel_stride) {
        if (r == 2) {
          spread4(in, channels, out, out + y.pixel_stride, out + below, out + below + y.pixel_stride);
        } else {
          for (int64_t part = 0; part < r * r; ++part) {
            spread(in, channels, r * r, part, out + part / r * below + part % r * y.pixel_stride);
          }
        }
        for (int64_t part = 0; part < r * r; ++part) {
          clear_lanes(out + part / r * below + part % r * y.pixel_stride, channels, y.lanes);
        }
      }
    });
  });
}

void unshuffle(Context& context, ConstView x, View y, int factor) {
  if (!(pixel_unshuffle_shape(x.shape, factor) == y.shape) || x.dtype != y.dtype) {
    throw ShapeError("pixel_unshuffle by {} of {} {} cannot give {} {}", factor, name_of(x.dtype), x.shape.text(),
                     name_of(y.dtype), y.shape.text());
  }
  visit_bits(x.dtype, [&]<class T>(T) {
    int64_t r = factor, channels = x.c(), width = y.w();
    for_coarse_rows(context, y, [=](int64_t row) {
      const T* in = x.as<T>() + row * r * x.w() * x.pixel_stride;
      T* out = y.as<T>() + row * width * y.pixel_stride;
      int64_t below = x.w() * x.pixel_stride;
      for (int64_t w = 0; w < width; ++w, in += r * x.pixel_stride, out += y.pixel_stride) {
        if (r == 2) {
          gather4(out, channels, in, in + x.pixel_stride, in + below, in + below + x.pixel_stride);
        } else {
          for (int64_t part = 0; part < r * r; ++part) {
            gather(out, channels, r * r, part, in + part / r * below + part % r * x.pixel_stride);
          }
        }
        clear_lanes(out, channels * r * r, y.lanes);
      }
    });
  });
}

const Implementation shuffle_on_cpu{pixel_shuffle_forward, Device::cpu, shuffle};
const Implementation unshuffle_on_cpu{pixel_unshuffle_forward, Device::cpu, unshuffle};

}  // namespace
}  // namespace cuunet
