// A product per image with the weights as the left operand (kernels/linalg/matrix_product.cu); the weight gradient adds
// the images' products in order; a channel per block for the bias gradient.
// Per element of y: 2·C operations, on tensor cores for bf16 and tf32. Traffic: x once per 128 channels of y. Bound:
// arithmetic from about 200 channels on, memory below.
#include "kernels/conv/conv1d.h"

#include "kernels/linalg/matrix_product.cuh"
#include "kernels/reduce/element_sum.cuh"

namespace cuunet::CUUNET_TARGET {
namespace {

// [N, C, L] as N matrices of C rows.
template <class Void>
BasicMatrix<Void> images_of(const BasicView<Void>& x) {
  return {x.data, x.dtype, x.shape[1], x.shape[2], x.shape[2], 1, x.shape[1] * x.shape[2]};
}

// [K, C, 1] as the one matrix of all images.
template <class Void>
BasicMatrix<Void> weights_of(const BasicView<Void>& w) {
  return {w.data, w.dtype, w.shape[0], w.shape[1], w.shape[1], 1, 0};
}

// sums[c] = Σ_{n,l} x[n][c][l], one channel per block
template <class T>
__global__ void __launch_bounds__(sum_threads)
    position_sum_kernel(const T* x, int images, int channels, int length, float* sums) {
  int c = static_cast<int>(blockIdx.x);
  double sum = 0;
  for (int n = 0; n < images; ++n) {
    const T* line = x + (int64_t{n} * channels + c) * length;
    for (int l = static_cast<int>(threadIdx.x); l < length; l += sum_threads)
      sum += static_cast<double>(to_float(line[l]));
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) sums[c] = static_cast<float>(sum);
}

void forward(Context& context, ConstView x, ConstView w, ConstView bias, View y) {
  Shape expected = conv1d_output_shape(x.shape, w.shape, bias);
  if (!(expected == y.shape)) throw ShapeError("conv1d gives {}, got y {}", expected.text(), y.shape.text());
  multiply_matrices("conv1d", context, weights_of(w), images_of(x), images_of(y),
                    {.batches = x.shape[0], .row_bias = bias});
}

void backward_input(Context& context, ConstView grad_y, ConstView w, View grad_x) {
  multiply_matrices("conv1d", context, weights_of(w).transposed(), images_of(grad_y), images_of(grad_x),
                    {.batches = grad_y.shape[0]});
}

void backward_weight(Context& context, ConstView x, ConstView grad_y, View grad_w, View grad_bias) {
  if (!grad_w.empty()) {
    multiply_matrices("conv1d", context, images_of(grad_y), images_of(x).transposed(), weights_of(grad_w),
                      {.batches = x.shape[0], .sum_batches = true});
  }
  if (grad_bias.empty()) return;
  const Shape& s = grad_y.shape;
  visit_storage("conv1d", grad_y.dtype, [&]<class T>(T) {
    launch<position_sum_kernel<T>>({block_count(s[1], 1), sum_threads, 0, stream_of(context)}, grad_y.as<T>(),
                                   static_cast<int>(s[0]), static_cast<int>(s[1]), static_cast<int>(s[2]),
                                   grad_bias.as<float>());
  });
}

const Implementation forward_here{conv1d_forward, Device::CUUNET_TARGET, forward};
const Implementation backward_input_here{conv1d_backward_input, Device::CUUNET_TARGET, backward_input};
const Implementation backward_weight_here{conv1d_backward_weight, Device::CUUNET_TARGET, backward_weight};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
