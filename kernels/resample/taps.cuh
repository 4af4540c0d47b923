// Separable linear maps of pixels, y[p, q] = Σ_{a, b} rows[p, a]·columns[q, b]·x[a, b] for each channel, with few taps
// per output, and their gradients: as kernels/resample/taps.h, but an axis computes its taps where they are needed.
//
//   struct Axis {
//     int sources, outputs;
//     __device__ int taps() const;                        // per output
//     __device__ Tap tap(int output, int k) const;        // source -1: reads nothing
//     __device__ int first_reader(int source) const;      // the outputs that read a source lie between these two,
//     __device__ int last_reader(int source) const;       // inclusive; not all between them need to
//     __device__ float weight(int output, int source) const;  // between them
//   };
//
// One thread per 16 bytes of channels of one result. Neighbouring results share what they read through the caches.
// Per element: 4 bytes of x and 4 of y (bf16: half); a multiplication and addition per tap of both axes. Bound: memory
// bandwidth.
#pragma once

#include "kernels/device/pixels.h"

namespace cuunet::CUUNET_TARGET {

struct Tap {
  int source;
  float weight;
};

// sum += weight · x, of one pixel's channels
template <int pack, class T>
__device__ __forceinline__ void add_pixel(const T* pixel, int first, int channels, float weight, float (&sum)[pack]) {
  float values[pack];
  load_channels<pack>(pixel, first, channels, values);
#pragma unroll
  for (int e = 0; e < pack; ++e) sum[e] += weight * values[e];
}

template <class T, int pack, class Axis>
__global__ void __launch_bounds__(256) taps_kernel(ImageShape s, Axis rows, Axis columns, Rows<const T> x, Rows<T> y) {
  unsigned index = blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= s.map.count) return;
  PixelPack at(s, index);
  int first = at.first * pack;
  int64_t image = int64_t{at.image} * rows.sources * columns.sources;
  float sum[pack] = {};
  for (int a = 0; a < rows.taps(); ++a) {
    Tap row = rows.tap(at.h, a);
    if (row.source < 0) continue;
    for (int b = 0; b < columns.taps(); ++b) {
      Tap column = columns.tap(at.w, b);
      if (column.source < 0) continue;
      int64_t pixel = image + int64_t{row.source} * columns.sources + column.source;
      add_pixel<pack>(x.at(pixel, 0), first, s.map.columns, row.weight * column.weight, sum);
    }
  }
  store_channels<pack>(y.at(at.pixel, 0), first, s.map.columns, s.map.lanes, sum);
}

template <class T, int pack, class Axis>
__global__ void __launch_bounds__(256)
    taps_backward_kernel(ImageShape s, Axis rows, Axis columns, Rows<const T> grad_y, Rows<T> grad_x) {
  unsigned index = blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= s.map.count) return;
  PixelPack at(s, index);
  int first = at.first * pack;
  int64_t image = int64_t{at.image} * rows.outputs * columns.outputs;
  int q_first = columns.first_reader(at.w), q_last = columns.last_reader(at.w), p_last = rows.last_reader(at.h);
  float sum[pack] = {};
  for (int p = rows.first_reader(at.h); p <= p_last; ++p) {
    float row = rows.weight(p, at.h);
    if (row == 0) continue;
    for (int q = q_first; q <= q_last; ++q) {
      float column = columns.weight(q, at.w);
      if (column == 0) continue;
      int64_t pixel = image + int64_t{p} * columns.outputs + q;
      add_pixel<pack>(grad_y.at(pixel, 0), first, s.map.columns, row * column, sum);
    }
  }
  store_channels<pack>(grad_x.at(at.pixel, 0), first, s.map.columns, s.map.lanes, sum);
}

// Of x (or grad_x) and y (or grad_y).
template <class Axis>
void require_taps(const char* op, ConstView x, ConstView y, const Axis& rows, const Axis& columns) {
  Shape expected{x.n(), x.c(), rows.outputs, columns.outputs};
  if (x.h() == rows.sources && x.w() == columns.sources && y.shape == expected && x.dtype == y.dtype) return;
  throw ShapeError("{} from {} {} gives {}, got {} {}", op, name_of(x.dtype), x.shape.text(), expected.text(),
                   name_of(y.dtype), y.shape.text());
}

template <class Axis>
void apply_taps(const char* op, Context& context, ConstView x, View y, const Axis& rows, const Axis& columns) {
  require_taps(op, x, y, rows, columns);
  if (y.elements() == 0) return;
  with_pack(op, x.dtype, packs(x) && packs(y), [&]<class T, int pack>(T, std::integral_constant<int, pack>) {
    ImageShape s = image_shape(y, y.lanes, pack);
    launch<taps_kernel<T, pack, Axis>>({block_count(s.map.count, 256), 256, 0, stream_of(context)}, s, rows, columns,
                                       rows_of<T>(x), rows_of<T>(y));
  });
}

template <class Axis>
void apply_taps_backward(const char* op, Context& context, ConstView grad_y, View grad_x, const Axis& rows,
                         const Axis& columns) {
  require_taps(op, grad_x, grad_y, rows, columns);
  if (grad_x.elements() == 0) return;
  bool packed = packs(grad_y) && packs(grad_x);
  with_pack(op, grad_x.dtype, packed, [&]<class T, int pack>(T, std::integral_constant<int, pack>) {
    ImageShape s = image_shape(grad_x, grad_x.lanes, pack);
    launch<taps_backward_kernel<T, pack, Axis>>({block_count(s.map.count, 256), 256, 0, stream_of(context)}, s, rows,
                                                columns, rows_of<T>(grad_y), rows_of<T>(grad_x));
  });
}

}  // namespace cuunet::CUUNET_TARGET
