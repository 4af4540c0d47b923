// One thread moves a pack of fine channels of all r² parts of one coarse pixel: for r = 2 it reads or writes 4 · 16
// neighbouring bytes on the coarse side and 16 bytes on each of the four fine pixels; other r go element by element.
// Per element: 8 bytes (bf16: 4). No arithmetic. Bound: memory bandwidth.
#include "kernels/pixel_shuffle/pixel_shuffle.h"

#include "kernels/device/pixels.h"

namespace cuunet::CUUNET_TARGET {
namespace {

struct Shuffle2d {
  unsigned count;             // coarse pixels · groups
  unsigned groups;            // of `pack` fine channels per coarse pixel
  int factor, height, width;  // of the coarse image
  int channels;               // of the fine image
  int lanes;                  // of the output
};

// Where part (i, j) of a coarse pixel lies in the fine image.
__device__ __forceinline__ int64_t fine_pixel(const Shuffle2d& s, unsigned coarse, int part) {
  unsigned w = coarse % static_cast<unsigned>(s.width),
           line = coarse / static_cast<unsigned>(s.width);  // line: n·H + h
  int i = part / s.factor, j = part % s.factor;
  return (int64_t{line} * s.factor + i) * s.width * s.factor + w * static_cast<unsigned>(s.factor) + j;
}

template <class T, int pack>
__global__ void __launch_bounds__(256) shuffle_kernel(Shuffle2d s, Rows<const T> coarse, Rows<T> fine) {
  unsigned index = blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= s.count) return;
  unsigned pixel = index / s.groups;
  int first = static_cast<int>(index % s.groups) * pack, parts = s.factor * s.factor;
  if constexpr (pack > 1) {
    float in[4][pack], out[pack];
#pragma unroll
    for (int i = 0; i < 4; ++i) load_channels<pack>(coarse.at(pixel, 0), 4 * first + i * pack, 4 * s.channels, in[i]);
#pragma unroll
    for (int part = 0; part < 4; ++part) {
#pragma unroll
      for (int e = 0; e < pack; ++e) out[e] = in[4 * e / pack][(4 * e + part) % pack];
      store_channels<pack>(fine.at(fine_pixel(s, pixel, part), 0), first, s.channels, s.lanes, out);
    }
  } else {
    for (int part = 0; part < parts; ++part) {
      *fine.at(fine_pixel(s, pixel, part), first) =
          first < s.channels ? *coarse.at(pixel, first * parts + part) : from_float<T>(0);
    }
  }
}

template <class T, int pack>
__global__ void __launch_bounds__(256) unshuffle_kernel(Shuffle2d s, Rows<const T> fine, Rows<T> coarse) {
  unsigned index = blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= s.count) return;
  unsigned pixel = index / s.groups;
  int first = static_cast<int>(index % s.groups) * pack, parts = s.factor * s.factor;
  if constexpr (pack > 1) {
    float in[pack], out[4][pack];
#pragma unroll
    for (int part = 0; part < 4; ++part) {
      load_channels<pack>(fine.at(fine_pixel(s, pixel, part), 0), first, s.channels, in);
#pragma unroll
      for (int e = 0; e < pack; ++e) out[4 * e / pack][(4 * e + part) % pack] = in[e];
    }
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      store_channels<pack>(coarse.at(pixel, 0), 4 * first + i * pack, 4 * s.channels, s.lanes, out[i]);
    }
  } else {
    for (int lane = first * parts; lane < min((first + 1) * parts, s.lanes); ++lane) {
      bool inside = first < s.channels;
      *coarse.at(pixel, lane) = inside ? *fine.at(fine_pixel(s, pixel, lane % parts), first) : from_float<T>(0);
    }
  }
}

void require(const char* op, const Shape& expected, ConstView x, ConstView y) {
  if (expected == y.shape && x.dtype == y.dtype) return;
  throw ShapeError("{} of {} {} gives {}, got {} {}", op, name_of(x.dtype), x.shape.text(), expected.text(),
                   name_of(y.dtype), y.shape.text());
}

// `units` is how many packs of fine channels cover the output's lanes.
Shuffle2d plan(ConstView coarse, ConstView fine, int factor, int64_t units, int64_t lanes) {
  return {count_32(coarse.rows() * units),
          count_32(units),
          factor,
          static_cast<int>(coarse.h()),
          static_cast<int>(coarse.w()),
          static_cast<int>(fine.c()),
          static_cast<int>(lanes)};
}

template <class Run>
void with_pack(ConstView x, ConstView y, int factor, const Run& run) {
  if (y.elements() == 0) return;
  visit_storage("pixel_shuffle", y.dtype, [&]<class T>(T) {
    if (factor == 2 && packs(x) && packs(y))
      run(T{}, std::integral_constant<int, pack_size<T>>{});
    else
      run(T{}, std::integral_constant<int, 1>{});
  });
}

void shuffle(Context& context, ConstView x, View y, int factor) {
  require("pixel_shuffle", pixel_shuffle_shape(x.shape, factor), x, y);
  with_pack(x, y, factor, [&]<class T, int pack>(T, std::integral_constant<int, pack>) {
    Shuffle2d s = plan(x, y, factor, (y.lanes + pack - 1) / pack, y.lanes);
    launch<shuffle_kernel<T, pack>>({block_count(s.count, 256), 256, 0, stream_of(context)}, s, rows_of<T>(x),
                                    rows_of<T>(y));
  });
}

void unshuffle(Context& context, ConstView x, View y, int factor) {
  require("pixel_unshuffle", pixel_unshuffle_shape(x.shape, factor), x, y);
  with_pack(x, y, factor, [&]<class T, int pack>(T, std::integral_constant<int, pack>) {
    int64_t per_pack = int64_t{pack} * factor * factor;
    Shuffle2d s = plan(y, x, factor, (y.lanes + per_pack - 1) / per_pack, y.lanes);
    launch<unshuffle_kernel<T, pack>>({block_count(s.count, 256), 256, 0, stream_of(context)}, s, rows_of<T>(x),
                                      rows_of<T>(y));
  });
}

const Implementation shuffle_here{pixel_shuffle_forward, Device::CUUNET_TARGET, shuffle};
const Implementation unshuffle_here{pixel_unshuffle_forward, Device::CUUNET_TARGET, unshuffle};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
