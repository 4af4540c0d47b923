// One block per output channel k, whose weights lie in one stretch of memory (pad lanes, zeros, included): sums of
// squares and products in double, then one pass that writes.
// Per element: 12 bytes (v read twice), backward 20 (v and the gradient read twice); two products in double, backward
// four. Bound: memory bandwidth, and for small weights the time of a launch.
#include "kernels/norm/weight_norm.h"

#include "kernels/device/copy.h"
#include "kernels/reduce/element_sum.cuh"

namespace cuunet::CUUNET_TARGET {
namespace {

// One value of g and the stretch of one output channel.
struct Stretch {
  unsigned count;
  int length;
  int64_t g_stride, grad_g_stride;
};

__device__ __forceinline__ double square(float value) {
  return static_cast<double>(value) * static_cast<double>(value);
}

__global__ void __launch_bounds__(sum_threads)
    forward_kernel(Stretch s, const float* g, const float* v, float* weight) {
  const float* from = v + int64_t{blockIdx.x} * s.length;
  float* to = weight + int64_t{blockIdx.x} * s.length;
  double squares = 0;
  for (int i = static_cast<int>(threadIdx.x); i < s.length; i += sum_threads) squares += square(from[i]);
  double scale = static_cast<double>(g[blockIdx.x * s.g_stride]) / sqrt(block_sum(squares));
  for (int i = static_cast<int>(threadIdx.x); i < s.length; i += sum_threads) {
    to[i] = static_cast<float>(from[i] * scale);
  }
}

// grad_g and grad_v may be null.
__global__ void __launch_bounds__(sum_threads)
    backward_kernel(Stretch s, const float* g, const float* v, const float* grad, float* grad_g, float* grad_v) {
  const float *direction = v + int64_t{blockIdx.x} * s.length, *from = grad + int64_t{blockIdx.x} * s.length;
  double squares = 0, product = 0;
  for (int i = static_cast<int>(threadIdx.x); i < s.length; i += sum_threads) {
    squares += square(direction[i]);
    product += static_cast<double>(from[i]) * static_cast<double>(direction[i]);
  }
  double norm = sqrt(block_sum(squares));
  __syncthreads();  // between two sums through one memory
  double along = block_sum(product) / norm;
  if (grad_g != nullptr && threadIdx.x == 0) grad_g[blockIdx.x * s.grad_g_stride] = static_cast<float>(along);
  if (grad_v == nullptr) return;
  double scale = static_cast<double>(g[blockIdx.x * s.g_stride]) / norm, pull = along / norm;
  float* to = grad_v + int64_t{blockIdx.x} * s.length;
  for (int i = static_cast<int>(threadIdx.x); i < s.length; i += sum_threads) {
    to[i] = static_cast<float>(scale * (from[i] - direction[i] * pull));
  }
}

int64_t g_stride(ConstView g) { return g.shape.rank() == 4 ? g.pixel_stride : 1; }

Stretch stretch_of(ConstView g, ConstView v, ConstView grad_g) {
  require_weight_norm(g.shape, v.shape);
  if (v.dtype != DType::f32 || g.dtype != DType::f32) {
    throw ShapeError("weight_norm on {} expects f32, got {} and {}", name_of(Device::CUUNET_TARGET), name_of(v.dtype),
                     name_of(g.dtype));
  }
  int64_t length = v.rows() * v.pixel_stride / v.shape[0];
  return {count_32(v.shape[0]), static_cast<int>(count_32(length)), g_stride(g), grad_g.empty() ? 0 : g_stride(grad_g)};
}

void forward(Context& context, ConstView g, ConstView v, View weight) {
  Stretch s = stretch_of(g, v, {});
  launch<forward_kernel>({s.count, sum_threads, 0, stream_of(context)}, s, g.as<float>(), v.as<float>(),
                         weight.as<float>());
  zero_pad_lanes(context, weight);  // a negative g made them -0
}

void backward(Context& context, ConstView g, ConstView v, ConstView grad_weight, View grad_g, View grad_v) {
  if (grad_g.empty() && grad_v.empty()) return;
  Stretch s = stretch_of(g, v, grad_g);
  launch<backward_kernel>({s.count, sum_threads, 0, stream_of(context)}, s, g.as<float>(), v.as<float>(),
                          grad_weight.as<float>(), grad_g.as<float>(), grad_v.as<float>());
  if (!grad_v.empty()) zero_pad_lanes(context, grad_v);
  if (!grad_g.empty()) zero_pad_lanes(context, grad_g);
}

const Implementation forward_here{weight_norm_forward, Device::CUUNET_TARGET, forward};
const Implementation backward_here{weight_norm_backward, Device::CUUNET_TARGET, backward};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
