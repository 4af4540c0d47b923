// The three products of kernels/linalg/matrix_product.cu; the bias is added where the sums are finished, its gradient
// is a sum per column in two kernels.
// Per element of y: 2·I operations, on tensor cores for bf16 and tf32. Traffic: the weights once per 128 rows, the rows
// once per 64 outputs. Bound: with few rows the bandwidth of the weights, from some 200 on arithmetic.
#include "kernels/linalg/linear.h"

#include "kernels/linalg/matrix_product.cuh"
#include "kernels/reduce/channel_sum.cuh"

namespace cuunet::CUUNET_TARGET {
namespace {

template <class Void>
BasicMatrix<Void> matrix_of(const BasicView<Void>& view) {
  int64_t columns = view.shape[view.shape.rank() - 1];
  return {view.data, view.dtype, columns > 0 ? view.elements() / columns : 0, columns, columns, 1, 0};
}

void forward(Context& context, ConstView x, ConstView w, ConstView bias, View y) {
  Shape expected = linear_output_shape(x.shape, w.shape, bias);
  if (!(expected == y.shape)) throw ShapeError("linear gives {}, got y {}", expected.text(), y.shape.text());
  multiply_matrices("linear", context, matrix_of(x), matrix_of(w).transposed(), matrix_of(y), {.column_bias = bias});
}

void backward_input(Context& context, ConstView grad_y, ConstView w, View grad_x) {
  multiply_matrices("linear", context, matrix_of(grad_y), matrix_of(w), matrix_of(grad_x));
}

void backward_weight(Context& context, ConstView x, ConstView grad_y, View grad_w, View grad_bias) {
  ConstMatrix upstream = matrix_of(grad_y);
  if (!grad_w.empty()) {
    multiply_matrices("linear", context, upstream.transposed(), matrix_of(x), matrix_of(grad_w));
  }
  if (grad_bias.empty()) return;
  // Each row as a pixel without pad lanes.
  ConstView pixels{
      grad_y.data, grad_y.dtype, {upstream.rows, upstream.columns, 1, 1}, upstream.columns, upstream.columns};
  sum_per_channel(context, pixels, grad_bias);
}

const Implementation forward_here{linear_forward, Device::CUUNET_TARGET, forward};
const Implementation backward_input_here{linear_backward_input, Device::CUUNET_TARGET, backward_input};
const Implementation backward_weight_here{linear_backward_weight, Device::CUUNET_TARGET, backward_weight};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
