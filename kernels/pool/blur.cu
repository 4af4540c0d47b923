// One thread per 16 bytes of channels of one pixel; its four neighbours come from the caches.
// Per element: 8 bytes (bf16: 4); three additions and a multiplication. Bound: memory bandwidth.
#include "kernels/pool/blur.h"

#include "kernels/device/pixels.h"

namespace cuunet::CUUNET_TARGET {
namespace {

// How often output a reads input i, in halves.
__device__ __forceinline__ float weight_of(int a, int i) {
  return 0.5f * static_cast<float>((a == i) + (max(a - 1, 0) == i));
}

// The output reads itself and the pixel before; the gradient of an input comes from itself and the pixel behind.
template <class T, int pack, bool backward>
__global__ void __launch_bounds__(256) blur_kernel(ImageShape s, Rows<const T> x, Rows<T> y) {
  unsigned index = blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= s.map.count) return;
  PixelPack at(s, index);
  int first = at.first * pack, h = at.h, w = at.w;
  float sum[pack] = {}, values[pack];
#pragma unroll
  for (int i = 0; i < 2; ++i) {
#pragma unroll
    for (int j = 0; j < 2; ++j) {
      int a = backward ? h + i : max(h - 1 + i, 0), b = backward ? w + j : max(w - 1 + j, 0);
      if (a >= s.height || b >= s.width) continue;
      float weight = backward ? weight_of(a, h) * weight_of(b, w) : 0.25f;
      load_channels<pack>(x.at(int64_t{at.pixel} + (a - h) * s.width + b - w, 0), first, s.map.columns, values);
#pragma unroll
      for (int e = 0; e < pack; ++e) sum[e] += weight * values[e];
    }
  }
  store_channels<pack>(y.at(at.pixel, 0), first, s.map.columns, s.map.lanes, sum);
}

template <bool backward>
void blur(Context& context, ConstView x, View y) {
  if (y.empty() || y.elements() == 0) return;
  if (x.shape.rank() != 4 || x.shape != y.shape || x.dtype != y.dtype) {
    throw ShapeError("blur expects [N, C, H, W], the same in and out, got {} {} and {} {}", name_of(x.dtype),
                     x.shape.text(), name_of(y.dtype), y.shape.text());
  }
  with_pack("blur", x.dtype, packs(x) && packs(y), [&]<class T, int pack>(T, std::integral_constant<int, pack>) {
    ImageShape s = image_shape(y, y.lanes, pack);
    launch<blur_kernel<T, pack, backward>>({block_count(s.map.count, 256), 256, 0, stream_of(context)}, s,
                                           rows_of<T>(x), rows_of<T>(y));
  });
}

const Implementation forward_here{blur_forward, Device::CUUNET_TARGET, blur<false>};
const Implementation backward_here{blur_backward, Device::CUUNET_TARGET, blur<true>};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
