// One thread per 16 bytes of channels of a pixel, which it compares with its neighbours; those come from the caches.
// Per element: 4 bytes, backward 8 (bf16: half); four operations, backward twelve. Bound: memory bandwidth.
#include "kernels/loss/total_variation.h"

#include "kernels/loss/pointwise_loss.cuh"

namespace cuunet::CUUNET_TARGET {
namespace {

struct Scales {
  double vertical, horizontal;
};

Scales scales_of(ConstView x, Reduction reduction) {
  int64_t down = x.n() * x.c() * (x.h() - 1) * x.w(), across = x.n() * x.c() * x.h() * (x.w() - 1);
  return {down > 0 ? scale_of(reduction, down) : 0, across > 0 ? scale_of(reduction, across) : 0};
}

template <class T, int pack>
__global__ void __launch_bounds__(sum_threads)
    forward_kernel(ImageShape s, Scales scales, Rows<const T> x, double* partials) {
  double sum = 0;
  for (unsigned i = blockIdx.x * sum_threads + threadIdx.x; i < s.map.count; i += gridDim.x * sum_threads) {
    PixelPack at(s, i);
    int first = at.first * pack;
    float here[pack], next[pack];
    load_channels<pack>(x.at(at.pixel, 0), first, s.map.columns, here);
    if (at.h + 1 < s.height) {
      load_channels<pack>(x.at(int64_t{at.pixel} + s.width, 0), first, s.map.columns, next);
#pragma unroll
      for (int e = 0; e < pack; ++e) sum += scales.vertical * static_cast<double>(fabsf(next[e] - here[e]));
    }
    if (at.w + 1 < s.width) {
      load_channels<pack>(x.at(int64_t{at.pixel} + 1, 0), first, s.map.columns, next);
#pragma unroll
      for (int e = 0; e < pack; ++e) sum += scales.horizontal * static_cast<double>(fabsf(next[e] - here[e]));
    }
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) partials[blockIdx.x] = sum;
}

// Adds sign(x[here] - x[there]) for a neighbour that exists.
template <class T, int pack>
__device__ __forceinline__ void add_signs(const Rows<const T>& x, int64_t there, bool exists, int first, int channels,
                                          const float (&here)[pack], float scale, float (&sum)[pack]) {
  if (!exists) return;
  float neighbour[pack];
  load_channels<pack>(x.at(there, 0), first, channels, neighbour);
#pragma unroll
  for (int e = 0; e < pack; ++e) {
    sum[e] += here[e] > neighbour[e] ? scale : here[e] < neighbour[e] ? -scale : 0.0f;
  }
}

template <class T, int pack>
__global__ void __launch_bounds__(256) backward_kernel(ImageShape s, float vertical, float horizontal,
                                                       const float* grad_loss, Rows<const T> x, Rows<T> grad_x) {
  unsigned index = blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= s.map.count) return;
  PixelPack at(s, index);
  int first = at.first * pack;
  float here[pack], sum[pack] = {};
  float v = *grad_loss * vertical, u = *grad_loss * horizontal;
  load_channels<pack>(x.at(at.pixel, 0), first, s.map.columns, here);
  int64_t pixel = at.pixel;
  add_signs<T, pack>(x, pixel - s.width, at.h > 0, first, s.map.columns, here, v, sum);
  add_signs<T, pack>(x, pixel + s.width, at.h + 1 < s.height, first, s.map.columns, here, v, sum);
  add_signs<T, pack>(x, pixel - 1, at.w > 0, first, s.map.columns, here, u, sum);
  add_signs<T, pack>(x, pixel + 1, at.w + 1 < s.width, first, s.map.columns, here, u, sum);
  store_channels<pack>(grad_x.at(pixel, 0), first, s.map.columns, s.map.lanes, sum);
}

void require_map(ConstView x, ConstView loss) {
  if (x.shape.rank() != 4) throw ShapeError("total_variation: expected [N, C, H, W], got {}", x.shape.text());
  require_scalar_loss("total_variation", loss);
}

void forward(Context& context, ConstView x, View loss, Reduction reduction) {
  require_map(x, loss);
  with_pack("total_variation", x.dtype, packs(x), [&]<class T, int pack>(T, std::integral_constant<int, pack>) {
    ImageShape s = image_shape(x, x.c(), pack);
    unsigned blocks = sum_blocks(s.map.count);
    Workspace partials(context, blocks * sizeof(double));
    launch<forward_kernel<T, pack>>({blocks, sum_threads, 0, stream_of(context)}, s, scales_of(x, reduction),
                                    rows_of<T>(x), partials.as<double>());
    launch<merge_sums_kernel<float>>({1, sum_threads, 0, stream_of(context)}, partials.as<double>(),
                                     static_cast<int>(blocks), 1.0, loss.as<float>());
  });
}

void backward(Context& context, ConstView x, ConstView grad_loss, View grad_x, Reduction reduction) {
  require_map(x, grad_loss);
  if (grad_x.empty()) return;
  if (grad_x.shape != x.shape || grad_x.dtype != x.dtype) {
    throw ShapeError("total_variation: expected a gradient {} {}, got {} {}", name_of(x.dtype), x.shape.text(),
                     name_of(grad_x.dtype), grad_x.shape.text());
  }
  Scales scales = scales_of(x, reduction);
  with_pack("total_variation", x.dtype, packs(x) && packs(grad_x),
            [&]<class T, int pack>(T, std::integral_constant<int, pack>) {
              ImageShape s = image_shape(x, grad_x.lanes, pack);
              launch<backward_kernel<T, pack>>(
                  {block_count(s.map.count, 256), 256, 0, stream_of(context)}, s, static_cast<float>(scales.vertical),
                  static_cast<float>(scales.horizontal), grad_loss.as<float>(), rows_of<T>(x), rows_of<T>(grad_x));
            });
}

const Implementation forward_here{total_variation_forward, Device::CUUNET_TARGET, forward};
const Implementation backward_here{total_variation_backward, Device::CUUNET_TARGET, backward};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
