#include "kernels/conv/conv1d.h"

#include "kernels/device/copy.h"
#include "kernels/linalg/matrix_product.h"
#include "kernels/linalg/row_sums.h"

namespace cuunet {

Shape conv1d_output_shape(const Shape& x, const Shape& w, ConstView bias) {
  if (x.rank() != 3 || w.rank() != 3 || w[2] != 1 || x[1] != w[1]) {
    throw ShapeError("conv1d expects x [N, C, L] and weight [K, C, 1], got x {} and weight {}", x.text(), w.text());
  }
  if (!bias.empty() && bias.elements() != w[0]) {
    throw ShapeError("conv1d expects a bias of {} elements (weight {}), got {}", w[0], w.text(), bias.shape.text());
  }
  return {x[0], w[0], x[2]};
}

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

template <class Void>
BasicMatrix<Void> image(BasicMatrix<Void> images, int64_t n) {
  using Byte = std::conditional_t<std::is_const_v<Void>, const char, char>;
  images.data = static_cast<Byte*>(images.data) + n * images.batch_stride * static_cast<int64_t>(size_of(images.dtype));
  return images;
}

void forward(Context& context, ConstView x, ConstView w, ConstView bias, View y) {
  Shape expected = conv1d_output_shape(x.shape, w.shape, bias);
  if (!(expected == y.shape)) throw ShapeError("conv1d gives {}, got y {}", expected.text(), y.shape.text());
  multiply(context, weights_of(w), images_of(x), images_of(y), {.batches = x.shape[0], .row_bias = bias.data});
}

void backward_input(Context& context, ConstView grad_y, ConstView w, View grad_x) {
  multiply(context, weights_of(w).transposed(), images_of(grad_y), images_of(grad_x), {.batches = grad_y.shape[0]});
}

void backward_weight(Context& context, ConstView x, ConstView grad_y, View grad_w, View grad_bias) {
  if (!grad_bias.empty()) sum_rows(context, images_of(grad_y), x.shape[0], grad_bias);
  if (grad_w.empty()) return;
  fill_zero(context, grad_w);
  for (int64_t n = 0; n < x.shape[0]; ++n) {
    multiply(context, image(images_of(grad_y), n), image(images_of(x), n).transposed(), weights_of(grad_w),
             {.accumulate = true});
  }
}

const Implementation forward_on_cpu{conv1d_forward, Device::cpu, forward};
const Implementation backward_input_on_cpu{conv1d_backward_input, Device::cpu, backward_input};
const Implementation backward_weight_on_cpu{conv1d_backward_weight, Device::cpu, backward_weight};

}  // namespace
}  // namespace cuunet
