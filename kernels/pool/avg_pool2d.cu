// A separable map of `kernel` taps of weight 1/kernel per axis (kernels/resample/taps.cuh).
// Per element of x: 4 bytes, and 4 per element of y (bf16: half), forward and backward; a multiplication and addition
// per element of a window. Bound: memory bandwidth.
#include "kernels/pool/avg_pool2d.h"

#include "kernels/resample/taps.cuh"

namespace cuunet::CUUNET_TARGET {
namespace {

struct Axis {
  int sources, outputs, kernel, stride;
  float share;  // 1 / kernel

  __device__ __forceinline__ int taps() const { return kernel; }
  __device__ __forceinline__ Tap tap(int output, int k) const { return {output * stride + k, share}; }
  __device__ __forceinline__ int first_reader(int source) const {
    return source < kernel ? 0 : (source - kernel + stride) / stride;
  }
  __device__ __forceinline__ int last_reader(int source) const { return min(source / stride, outputs - 1); }
  __device__ __forceinline__ float weight(int, int) const { return share; }
};

Axis axis_of(int64_t in, int64_t out, const AvgPoolParams& p) {
  return {static_cast<int>(in), static_cast<int>(out), p.kernel, p.stride, static_cast<float>(1.0 / p.kernel)};
}

void forward(Context& context, ConstView x, View y, const AvgPoolParams& p) {
  Shape expected = avg_pool2d_shape(x.shape, p);
  apply_taps("avg_pool2d", context, x, y, axis_of(x.h(), expected[2], p), axis_of(x.w(), expected[3], p));
}

void backward(Context& context, ConstView grad_y, View grad_x, const AvgPoolParams& p) {
  if (grad_x.empty()) return;
  Shape expected = avg_pool2d_shape(grad_x.shape, p);
  apply_taps_backward("avg_pool2d", context, grad_y, grad_x, axis_of(grad_x.h(), expected[2], p),
                      axis_of(grad_x.w(), expected[3], p));
}

const Implementation forward_here{avg_pool2d_forward, Device::CUUNET_TARGET, forward};
const Implementation backward_here{avg_pool2d_backward, Device::CUUNET_TARGET, backward};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
