// One thread per 16 bytes of channels of one output (forward) or input pixel (backward), over its windows.
// Per element of x: 4 bytes, and 5 per element of y with its position (bf16: 2 and 3), forward and backward; two
// comparisons per element of a window. Bound: memory bandwidth.
#include "kernels/pool/max_pool2d.h"

#include "kernels/device/pixels.h"

namespace cuunet::CUUNET_TARGET {
namespace {

struct Pool {
  unsigned count, packs_per_pixel;
  int height, width, p_rows, q_rows;  // of x and of y
  int kernel, stride, padding, channels, lanes;
};

template <class T, int pack>
__global__ void __launch_bounds__(256)
    forward_kernel(Pool s, Rows<const T> x, Rows<T> y, Rows<uint8_t> positions, int position_lanes) {
  unsigned index = blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= s.count) return;
  unsigned pixel = index / s.packs_per_pixel, line = pixel / static_cast<unsigned>(s.q_rows);
  int first = static_cast<int>(index % s.packs_per_pixel) * pack;
  int top = static_cast<int>(line % static_cast<unsigned>(s.p_rows)) * s.stride - s.padding;
  int left = static_cast<int>(pixel % static_cast<unsigned>(s.q_rows)) * s.stride - s.padding;
  int64_t image = int64_t{line / static_cast<unsigned>(s.p_rows)} * s.height * s.width;
  float best[pack], values[pack];
  int where[pack];
#pragma unroll
  for (int e = 0; e < pack; ++e) {
    best[e] = -__uint_as_float(0x7F800000u);
    where[e] = max(-top, 0) * s.kernel + max(-left, 0);
  }
  for (int h = max(top, 0); h < min(top + s.kernel, s.height); ++h) {
    for (int w = max(left, 0); w < min(left + s.kernel, s.width); ++w) {
      load_channels<pack>(x.at(image + int64_t{h} * s.width + w, 0), first, s.channels, values);
#pragma unroll
      for (int e = 0; e < pack; ++e) {
        bool wins = values[e] > best[e] || values[e] != values[e];
        best[e] = wins ? values[e] : best[e];
        where[e] = wins ? (h - top) * s.kernel + w - left : where[e];
      }
    }
  }
  store_channels<pack>(y.at(pixel, 0), first, s.channels, s.lanes, best);
  if (positions.data == nullptr) return;
#pragma unroll
  for (int e = 0; e < pack; ++e) {
    if (first + e < position_lanes) {
      *positions.at(pixel, first + e) = static_cast<uint8_t>(first + e < s.channels ? where[e] : 0);
    }
  }
}

template <class T, int pack>
__global__ void __launch_bounds__(256)
    backward_kernel(Pool s, Rows<const uint8_t> positions, Rows<const T> grad_y, Rows<T> grad_x) {
  unsigned index = blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= s.count) return;
  unsigned pixel = index / s.packs_per_pixel, line = pixel / static_cast<unsigned>(s.width);
  int first = static_cast<int>(index % s.packs_per_pixel) * pack;
  int h = static_cast<int>(line % static_cast<unsigned>(s.height)) + s.padding;
  int w = static_cast<int>(pixel % static_cast<unsigned>(s.width)) + s.padding;
  int64_t image = int64_t{line / static_cast<unsigned>(s.height)} * s.p_rows * s.q_rows;
  float sum[pack] = {}, values[pack];
  for (int p = max(h - s.kernel + s.stride, 0) / s.stride; p < min(h / s.stride + 1, s.p_rows); ++p) {
    for (int q = max(w - s.kernel + s.stride, 0) / s.stride; q < min(w / s.stride + 1, s.q_rows); ++q) {
      int64_t output = image + int64_t{p} * s.q_rows + q;
      int position = (h - p * s.stride) * s.kernel + w - q * s.stride;
      load_channels<pack>(grad_y.at(output, 0), first, s.channels, values);
#pragma unroll
      for (int e = 0; e < pack; ++e) {
        if (first + e < s.channels && *positions.at(output, first + e) == position) sum[e] += values[e];
      }
    }
  }
  store_channels<pack>(grad_x.at(pixel, 0), first, s.channels, s.lanes, sum);
}

// h·W + w of x for every byte of positions.
__global__ void __launch_bounds__(256) indices_kernel(Pool s, Rows<const uint8_t> positions, Rows<int64_t> indices) {
  unsigned index = blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= s.count) return;
  unsigned pixel = index / s.packs_per_pixel, line = pixel / static_cast<unsigned>(s.q_rows);
  int c = static_cast<int>(index % s.packs_per_pixel), position = *positions.at(pixel, c);
  int h = static_cast<int>(line % static_cast<unsigned>(s.p_rows)) * s.stride - s.padding + position / s.kernel;
  int w = static_cast<int>(pixel % static_cast<unsigned>(s.q_rows)) * s.stride - s.padding + position % s.kernel;
  *indices.at(pixel, c) = int64_t{h} * s.width + w;
}

Pool plan(ConstView x, ConstView y, ConstView written, const MaxPoolParams& p, int pack) {
  int64_t per_pixel = (written.lanes + pack - 1) / pack;
  return {count_32(written.rows() * per_pixel),
          count_32(per_pixel),
          static_cast<int>(x.h()),
          static_cast<int>(x.w()),
          static_cast<int>(y.h()),
          static_cast<int>(y.w()),
          p.kernel,
          p.stride,
          p.padding,
          static_cast<int>(x.c()),
          static_cast<int>(written.lanes)};
}

void forward(Context& context, ConstView x, View y, View positions, const MaxPoolParams& p) {
  Shape expected = max_pool2d_shape(x.shape, p);
  if (y.shape != expected || y.dtype != x.dtype || !(positions.empty() || positions.shape == expected)) {
    throw ShapeError("max_pool2d of {} gives {}, got {}", x.shape.text(), expected.text(), y.shape.text());
  }
  with_pack("max_pool2d", x.dtype, packs(x) && packs(y), [&]<class T, int pack>(T, std::integral_constant<int, pack>) {
    Pool s = plan(x, y, y, p, pack);
    launch<forward_kernel<T, pack>>({block_count(s.count, 256), 256, 0, stream_of(context)}, s, rows_of<T>(x),
                                    rows_of<T>(y), rows_of<uint8_t>(positions), static_cast<int>(positions.lanes));
  });
}

void backward(Context& context, ConstView positions, ConstView grad_y, View grad_x, const MaxPoolParams& p) {
  if (grad_x.empty()) return;
  Shape expected = max_pool2d_shape(grad_x.shape, p);
  if (grad_y.shape != expected || grad_y.dtype != grad_x.dtype || positions.shape != expected) {
    throw ShapeError("max_pool2d of {} expects a gradient {}, got {}", grad_x.shape.text(), expected.text(),
                     grad_y.shape.text());
  }
  with_pack("max_pool2d", grad_x.dtype, packs(grad_y) && packs(grad_x),
            [&]<class T, int pack>(T, std::integral_constant<int, pack>) {
              Pool s = plan(grad_x, grad_y, grad_x, p, pack);
              launch<backward_kernel<T, pack>>({block_count(s.count, 256), 256, 0, stream_of(context)}, s,
                                               rows_of<uint8_t>(positions), rows_of<T>(grad_y), rows_of<T>(grad_x));
            });
}

void indices(Context& context, ConstView positions, View indices, int64_t width, const MaxPoolParams& p) {
  unsigned channels = count_32(positions.c()), count = count_32(positions.rows() * positions.c());
  if (count == 0) return;
  Pool s{count,
         channels,
         0,
         static_cast<int>(width),
         static_cast<int>(positions.h()),
         static_cast<int>(positions.w()),
         p.kernel,
         p.stride,
         p.padding,
         static_cast<int>(channels),
         static_cast<int>(channels)};
  launch<indices_kernel>({block_count(count, 256), 256, 0, stream_of(context)}, s, rows_of<uint8_t>(positions),
                         rows_of<int64_t>(indices));
}

const Implementation forward_here{max_pool2d_forward, Device::CUUNET_TARGET, forward};
const Implementation backward_here{max_pool2d_backward, Device::CUUNET_TARGET, backward};
const Implementation indices_here{max_pool2d_indices, Device::CUUNET_TARGET, indices};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
