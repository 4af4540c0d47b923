// One thread per 16 bytes (kernels/device/pixels.h); the gradient of the learned factor is a sum over all elements.
// Per element: 8 bytes, 16 in the backward pass of scale_by (bf16: half); one multiplication, backward one more and an
// addition in double. Bound: memory bandwidth.
#include "kernels/linalg/scale.h"

#include "kernels/reduce/element_sum.cuh"

namespace cuunet::CUUNET_TARGET {
namespace {

struct Scale {
  float factor;
  __device__ float operator()(float x) const { return factor * x; }
};
struct ScaleBy {
  const float* factor;  // on the device
  __device__ float operator()(float x) const { return *factor * x; }
};
struct Product {
  __device__ double operator()(float a, float b) const { return static_cast<double>(a) * static_cast<double>(b); }
};

void require_scalar(ConstView s) {
  if (s.elements() == 1 && s.dtype == DType::f32) return;
  throw ShapeError("mul_scalar expects a learned scalar of one f32 element, got {} {}", name_of(s.dtype),
                   s.shape.text());
}

void scale(Context& context, ConstView x, View y, double factor) {
  if (!y.empty()) map(context, y, Scale{static_cast<float>(factor)}, x);
}
void scale_by(Context& context, ConstView x, ConstView s, View y) {
  require_scalar(s);
  if (!y.empty()) map(context, y, ScaleBy{s.as<float>()}, x);
}
void scale_by_gradients(Context& context, ConstView x, ConstView s, ConstView grad_y, View grad_x, View grad_s) {
  scale_by(context, grad_y, s, grad_x);
  if (!grad_s.empty()) element_sum(context, grad_y, x, Product{}, 1, grad_s.as<float>());
}

const Implementation scale_here{scale_forward, Device::CUUNET_TARGET, scale};
const Implementation scale_by_here{scale_by_forward, Device::CUUNET_TARGET, scale_by};
const Implementation scale_by_backward_here{scale_by_backward, Device::CUUNET_TARGET, scale_by_gradients};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
