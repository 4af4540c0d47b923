// Forward: Xᵀ X per image, pixels as the outermost depth of both operands, only the tiles on and above the diagonal;
// few tiles split the pixels. Backward: grad_y + grad_yᵀ in one small kernel, then one product.
// Arithmetic: C²·P (half of a product) and 2·C²·P. Traffic: x once per 64 channels. Bound: arithmetic from about 200
// channels on, memory below.
#include "kernels/linalg/gram.h"

#include "kernels/device/pixels.h"
#include "kernels/linalg/matrix_product.cuh"

namespace cuunet::CUUNET_TARGET {
namespace {

// Each image as a matrix of pixels by channels.
template <class Void>
BasicMatrix<Void> pixels_of(const BasicView<Void>& x) {
  int64_t pixels = x.h() * x.w();
  return {x.data, x.dtype, pixels, x.c(), x.pixel_stride, 1, pixels * x.pixel_stride};
}

double scale_of(ConstView x) { return 1.0 / static_cast<double>(x.c() * x.h() * x.w()); }

void require_f32(ConstView y) {
  if (y.dtype != DType::f32) throw ShapeError("gram expects f32 in y, got {}", name_of(y.dtype));
}

void forward(Context& context, ConstView x, View y) {
  require_f32(y);
  int64_t c = x.c();
  multiply_matrices("gram", context, pixels_of(x).transposed(), pixels_of(x), {y.data, y.dtype, c, c, c, 1, c * c},
                    {.batches = x.n(), .symmetric = true, .scale = scale_of(x)});
}

// both[n][i][j] = g[n][i][j] + g[n][j][i]
__global__ void __launch_bounds__(256)
    add_transposed_kernel(const float* g, unsigned channels, unsigned count, float* both) {
  unsigned index = blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= count) return;
  unsigned j = index % channels, i = index / channels % channels, first = index - i * channels - j;
  both[index] = g[index] + g[first + j * channels + i];
}

void backward(Context& context, ConstView x, ConstView grad_y, View grad_x) {
  require_f32(grad_y);
  if (grad_x.elements() == 0) return;
  int64_t c = x.c();
  unsigned count = count_32(x.n() * c * c);
  Workspace memory(context, count * sizeof(float));
  launch<add_transposed_kernel>({block_count(count, 256), 256, 0, stream_of(context)}, grad_y.as<float>(), count_32(c),
                                count, memory.as<float>());
  // Symmetric, so its rows may stand for its columns: the faster order.
  ConstMatrix both{memory.as<float>(), DType::f32, c, c, c, 1, c * c};
  multiply_matrices("gram", context, pixels_of(x), both.transposed(), pixels_of(grad_x),
                    {.batches = x.n(), .scale = scale_of(x), .lanes = grad_x.lanes});
}

const Implementation forward_here{gram_forward, Device::CUUNET_TARGET, forward};
const Implementation backward_here{gram_backward, Device::CUUNET_TARGET, backward};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
