// The channel mean goes to a plane of f32, from which one thread per pixel makes the maps. The gradient is gathered: a
// thread per 16 bytes of a pixel adds up what the nine outputs around it pass back.
// Per pixel of C channels: 4·C bytes (bf16: 2·C) read and 4 to 12 written, backward up to 16 read and 4·C written; C +
// 30 operations, backward some 500 per 16 bytes, to find the windows. Bound: memory bandwidth, backward arithmetic.
#include "kernels/loss/edge_maps.h"

#include "kernels/device/pixels.h"

namespace cuunet::CUUNET_TARGET {
namespace {

struct Plane {
  unsigned count;  // pixels of all images
  int height, width, channels;
  PaddingMode padding;
};

// The tap at (a, b) of a 3 × 3 kernel, 0 … 2 each.
__device__ __forceinline__ float sobel_x(int a, int b) { return static_cast<float>((1 - b) * (a == 1 ? 2 : 1)); }
__device__ __forceinline__ float sobel_y(int a, int b) { return sobel_x(b, a); }
__device__ __forceinline__ float laplace(int a, int b) {
  return a == 1 && b == 1 ? -4.0f : a == 1 || b == 1 ? 1.0f : 0.0f;
}

template <class T>
__global__ void __launch_bounds__(256) channel_mean_kernel(Plane s, Rows<const T> x, float* mean) {
  unsigned pixel = blockIdx.x * blockDim.x + threadIdx.x;
  if (pixel >= s.count) return;
  float sum = 0;
  for (int c = 0; c < s.channels; ++c) sum += to_float(*x.at(pixel, c));
  mean[pixel] = sum / static_cast<float>(s.channels);
}

// What the pixel sees through its 3 × 3 window: visit(a, b, value).
template <class Visit>
__device__ __forceinline__ void each_neighbour(const Plane& s, const float* mean, unsigned pixel, const Visit& visit) {
  int w = static_cast<int>(pixel % static_cast<unsigned>(s.width));
  int h = static_cast<int>(pixel / static_cast<unsigned>(s.width) % static_cast<unsigned>(s.height));
#pragma unroll
  for (int a = 0; a < 3; ++a) {
    int i = padded_index(h + a - 1, s.height, s.padding);
#pragma unroll
    for (int b = 0; b < 3; ++b) {
      int j = padded_index(w + b - 1, s.width, s.padding);
      visit(a, b, i >= 0 && j >= 0 ? mean[int64_t{pixel} + (i - h) * s.width + j - w] : 0.0f);
    }
  }
}

struct EdgeMap {
  Rows<float> map;
  int lanes;

  __device__ __forceinline__ void store(unsigned pixel, float value) const {
    *map.at(pixel, 0) = value;
    for (int lane = 1; lane < lanes; ++lane) *map.at(pixel, lane) = 0.0f;
  }
};

__global__ void __launch_bounds__(256) sobel_kernel(Plane s, const float* mean, EdgeMap gx, EdgeMap gy, EdgeMap y) {
  unsigned pixel = blockIdx.x * blockDim.x + threadIdx.x;
  if (pixel >= s.count) return;
  float across = 0, down = 0;
  each_neighbour(s, mean, pixel, [&](int a, int b, float value) {
    across += sobel_x(a, b) * value;
    down += sobel_y(a, b) * value;
  });
  gx.store(pixel, across);
  gy.store(pixel, down);
  y.store(pixel, sqrtf(across * across + down * down + 1e-6f));
}

__global__ void __launch_bounds__(256) laplacian_kernel(Plane s, const float* mean, EdgeMap y) {
  unsigned pixel = blockIdx.x * blockDim.x + threadIdx.x;
  if (pixel >= s.count) return;
  float sum = 0;
  each_neighbour(s, mean, pixel, [&](int a, int b, float value) { sum += laplace(a, b) * value; });
  y.store(pixel, sum);
}

// What one output passes back through its tap at (a, b).
struct SobelGradient {
  Rows<const float> gx, gy, y, grad_y;
  __device__ __forceinline__ float operator()(int64_t pixel, int a, int b) const {
    float share = *grad_y.at(pixel, 0) / *y.at(pixel, 0);
    return share * (sobel_x(a, b) * *gx.at(pixel, 0) + sobel_y(a, b) * *gy.at(pixel, 0));
  }
};
struct LaplacianGradient {
  Rows<const float> grad_y;
  __device__ __forceinline__ float operator()(int64_t pixel, int a, int b) const {
    return laplace(a, b) * *grad_y.at(pixel, 0);
  }
};

// Also through padding an output reads nothing that is further than one pixel away.
template <class T, int pack, class Gradient>
__global__ void __launch_bounds__(256)
    backward_kernel(ImageShape s, PaddingMode padding, Gradient gradient, Rows<T> grad_x) {
  unsigned index = blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= s.map.count) return;
  PixelPack at(s, index);
  float sum = 0;
  for (int h = max(at.h - 1, 0); h < min(at.h + 2, s.height); ++h) {
    for (int w = max(at.w - 1, 0); w < min(at.w + 2, s.width); ++w) {
      int64_t output = int64_t{at.pixel} + (h - at.h) * s.width + w - at.w;
#pragma unroll
      for (int tap = 0; tap < 9; ++tap) {
        bool reads = padded_index(h + tap / 3 - 1, s.height, padding) == at.h &&
                     padded_index(w + tap % 3 - 1, s.width, padding) == at.w;
        if (reads) sum += gradient(output, tap / 3, tap % 3);
      }
    }
  }
  float values[pack];
#pragma unroll
  for (int e = 0; e < pack; ++e) values[e] = sum / static_cast<float>(s.map.columns);
  store_channels<pack>(grad_x.at(at.pixel, 0), at.first * pack, s.map.columns, s.map.lanes, values);
}

void require_map(const char* op, ConstView x, ConstView y, PaddingMode padding) {
  if (x.shape.rank() != 4) throw ShapeError("{}: expected [N, C, H, W], got {}", op, x.shape.text());
  if (padding == PaddingMode::reflect && (x.h() < 2 || x.w() < 2)) {
    throw ShapeError("{}: reflect padding needs at least 2 rows and columns, got {}", op, x.shape.text());
  }
  Shape expected{x.n(), 1, x.h(), x.w()};
  if (y.shape != expected || y.dtype != DType::f32) {
    throw ShapeError("{}: expected an output f32 {}, got {} {}", op, expected.text(), name_of(y.dtype), y.shape.text());
  }
}

Plane plane_of(ConstView x, PaddingMode padding) {
  return {count_32(x.rows()), static_cast<int>(x.h()), static_cast<int>(x.w()), static_cast<int>(x.c()), padding};
}

EdgeMap edge_map(View y) { return {rows_of<float>(y), static_cast<int>(y.lanes)}; }

// run(plane, mean) with the channel mean of x.
template <class Run>
void with_channel_mean(Context& context, ConstView x, PaddingMode padding, const Run& run) {
  Plane s = plane_of(x, padding);
  Workspace mean(context, s.count * sizeof(float));
  visit_storage("edge map", x.dtype, [&]<class T>(T) {
    launch<channel_mean_kernel<T>>({block_count(s.count, 256), 256, 0, stream_of(context)}, s, rows_of<T>(x),
                                   mean.as<float>());
  });
  run(s, static_cast<const float*>(mean.as<float>()));
}

void sobel(Context& context, ConstView x, View gx, View gy, View y, PaddingMode padding) {
  for (const View& out : {gx, gy, y}) require_map("sobel", x, out, padding);
  with_channel_mean(context, x, padding, [&](const Plane& s, const float* mean) {
    launch<sobel_kernel>({block_count(s.count, 256), 256, 0, stream_of(context)}, s, mean, edge_map(gx), edge_map(gy),
                         edge_map(y));
  });
}

void laplacian(Context& context, ConstView x, View y, PaddingMode padding) {
  require_map("laplacian", x, y, padding);
  with_channel_mean(context, x, padding, [&](const Plane& s, const float* mean) {
    launch<laplacian_kernel>({block_count(s.count, 256), 256, 0, stream_of(context)}, s, mean, edge_map(y));
  });
}

template <class Gradient>
void backward(Context& context, const Gradient& gradient, View grad_x, PaddingMode padding) {
  with_pack("edge map", grad_x.dtype, packs(grad_x), [&]<class T, int pack>(T, std::integral_constant<int, pack>) {
    ImageShape s = image_shape(grad_x, grad_x.lanes, pack);
    launch<backward_kernel<T, pack, Gradient>>({block_count(s.map.count, 256), 256, 0, stream_of(context)}, s, padding,
                                               gradient, rows_of<T>(grad_x));
  });
}

void sobel_gradient(Context& context, ConstView gx, ConstView gy, ConstView y, ConstView grad_y, View grad_x,
                    PaddingMode padding) {
  for (const ConstView& map : {gx, gy, y, grad_y}) require_map("sobel_backward", grad_x, map, padding);
  SobelGradient gradient{rows_of<float>(gx), rows_of<float>(gy), rows_of<float>(y), rows_of<float>(grad_y)};
  backward(context, gradient, grad_x, padding);
}

void laplacian_gradient(Context& context, ConstView grad_y, View grad_x, PaddingMode padding) {
  require_map("laplacian_backward", grad_x, grad_y, padding);
  backward(context, LaplacianGradient{rows_of<float>(grad_y)}, grad_x, padding);
}

const Implementation sobel_here{sobel_forward, Device::CUUNET_TARGET, sobel};
const Implementation sobel_backward_here{sobel_backward, Device::CUUNET_TARGET, sobel_gradient};
const Implementation laplacian_here{laplacian_forward, Device::CUUNET_TARGET, laplacian};
const Implementation laplacian_backward_here{laplacian_backward, Device::CUUNET_TARGET, laplacian_gradient};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
