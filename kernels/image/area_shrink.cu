// One thread per colour of a pixel of the result, over its box.
// Per colour of the photograph: 1 byte (floats: 4) read about once and one addition; the small result is written.
// Bound: memory bandwidth.
#include "kernels/image/area_shrink.h"

#include "kernels/device/pixels.h"

namespace cuunet::CUUNET_TARGET {
namespace {

struct Boxes {
  unsigned count;
  int height, width, rows, columns;
  float unit;  // white in the photograph
};

// The box of output i.
__device__ __forceinline__ int begin_of(int i, int in, int out) { return static_cast<int>(int64_t{i} * in / out); }
__device__ __forceinline__ int end_of(int i, int in, int out) {
  return static_cast<int>(((int64_t{i} + 1) * in + out - 1) / out);
}

__device__ __forceinline__ float as_float(uint8_t value) { return static_cast<float>(value); }
__device__ __forceinline__ float as_float(float value) { return value; }

template <class T>
__global__ void __launch_bounds__(256) area_shrink_kernel(Boxes s, const T* photo, float* y) {
  unsigned index = blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= s.count) return;
  int c = static_cast<int>(index % 3), pixel = static_cast<int>(index / 3);
  int i = pixel / s.columns, j = pixel % s.columns;
  int top = begin_of(i, s.height, s.rows), bottom = end_of(i, s.height, s.rows);
  int left = begin_of(j, s.width, s.columns), right = end_of(j, s.width, s.columns);
  float sum = 0;
  for (int row = top; row < bottom; ++row) {
    for (int column = left; column < right; ++column) {
      sum += as_float(photo[(int64_t{row} * s.width + column) * 3 + c]);
    }
  }
  y[index] = sum / (static_cast<float>((bottom - top) * (right - left)) * s.unit);
}

void shrink(Context& context, ConstView photo, View y) {
  require_area_shrink(photo, y);
  if (y.dtype != DType::f32) throw ShapeError("area_shrink gives f32, got {}", name_of(y.dtype));
  bool bytes = photo.dtype == DType::u8;
  Boxes s{count_32(y.elements()),       static_cast<int>(photo.shape[0]), static_cast<int>(photo.shape[1]),
          static_cast<int>(y.shape[0]), static_cast<int>(y.shape[1]),     bytes ? 255.0f : 1.0f};
  LaunchConfig config{block_count(s.count, 256), 256, 0, stream_of(context)};
  if (bytes)
    launch<area_shrink_kernel<uint8_t>>(config, s, photo.as<uint8_t>(), y.as<float>());
  else
    launch<area_shrink_kernel<float>>(config, s, photo.as<float>(), y.as<float>());
}

const Implementation shrink_here{area_shrink_forward, Device::CUUNET_TARGET, shrink};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
