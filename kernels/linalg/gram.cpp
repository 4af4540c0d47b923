#include "kernels/linalg/gram.h"

#include "kernels/device/copy.h"
#include "kernels/device/parallel.h"
#include "kernels/linalg/matrix_product.h"

namespace cuunet {
namespace {

// Each image as a matrix of pixels by channels.
template <class Void>
BasicMatrix<Void> pixels_of(const BasicView<Void>& x) {
  int64_t pixels = x.h() * x.w();
  return {x.data, x.dtype, pixels, x.c(), x.pixel_stride, 1, pixels * x.pixel_stride};
}

double scale_of(ConstView x) { return 1.0 / static_cast<double>(x.c() * x.h() * x.w()); }

void forward(Context& context, ConstView x, View y) {
  int64_t c = x.c();
  multiply(context, pixels_of(x).transposed(), pixels_of(x), {y.data, y.dtype, c, c, c, 1, c * c},
           {.batches = x.n(), .scale = scale_of(x)});
}

template <class A>
void backward_in(Context& context, ConstView x, ConstView grad_y, View grad_x) {
  int64_t c = x.c();
  Workspace memory(context, static_cast<size_t>(x.n() * c * c) * sizeof(A));
  A* both = memory.as<A>();  // grad_y + grad_yᵀ
  parallel_for(context, x.n() * c, 16, [=](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const A* g = grad_y.as<A>() + row / c * c * c;
      int64_t i = row % c;
      for (int64_t j = 0; j < c; ++j) both[row * c + j] = g[i * c + j] + g[j * c + i];
    }
  });
  multiply(context, pixels_of(x), {both, grad_y.dtype, c, c, c, 1, c * c}, pixels_of(grad_x),
           {.batches = x.n(), .scale = scale_of(x)});
  zero_pad_lanes(context, grad_x);
}

void backward(Context& context, ConstView x, ConstView grad_y, View grad_x) {
  if (x.dtype == DType::f64) return backward_in<double>(context, x, grad_y, grad_x);
  backward_in<float>(context, x, grad_y, grad_x);
}

const Implementation forward_on_cpu{gram_forward, Device::cpu, forward};
const Implementation backward_on_cpu{gram_backward, Device::cpu, backward};

}  // namespace
}  // namespace cuunet
