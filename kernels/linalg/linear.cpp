#include "kernels/linalg/linear.h"

#include "kernels/linalg/matrix_product.h"
#include "kernels/linalg/row_sums.h"

namespace cuunet {

Shape linear_output_shape(const Shape& x, const Shape& w, ConstView bias) {
  int rank = x.rank();
  if (rank < 1 || rank > 3 || w.rank() != 2 || x[rank - 1] != w[1]) {
    throw ShapeError("linear expects x […, {}] (weight {}), got {}", w.rank() == 2 ? w[1] : 0, w.text(), x.text());
  }
  if (!bias.empty() && bias.elements() != w[0]) {
    throw ShapeError("linear expects a bias of {} elements (weight {}), got {}", w[0], w.text(), bias.shape.text());
  }
  if (rank == 1) return {w[0]};
  return rank == 2 ? Shape{x[0], w[0]} : Shape{x[0], x[1], w[0]};
}

namespace {

template <class Void>
BasicMatrix<Void> rows_of(const BasicView<Void>& view) {
  int64_t columns = view.shape[view.shape.rank() - 1];
  return {view.data, view.dtype, columns > 0 ? view.elements() / columns : 0, columns, columns, 1, 0};
}

void forward(Context& context, ConstView x, ConstView w, ConstView bias, View y) {
  Shape expected = linear_output_shape(x.shape, w.shape, bias);
  if (!(expected == y.shape)) throw ShapeError("linear gives {}, got y {}", expected.text(), y.shape.text());
  multiply(context, rows_of(x), rows_of(w).transposed(), rows_of(y), {.column_bias = bias.data});
}

void backward_input(Context& context, ConstView grad_y, ConstView w, View grad_x) {
  multiply(context, rows_of(grad_y), rows_of(w), rows_of(grad_x));
}

void backward_weight(Context& context, ConstView x, ConstView grad_y, View grad_w, View grad_bias) {
  if (!grad_w.empty()) multiply(context, rows_of(grad_y).transposed(), rows_of(x), rows_of(grad_w));
  if (!grad_bias.empty()) sum_rows(context, rows_of(grad_y).transposed(), 1, grad_bias);
}

const Implementation forward_on_cpu{linear_forward, Device::cpu, forward};
const Implementation backward_input_on_cpu{linear_backward_input, Device::cpu, backward_input};
const Implementation backward_weight_on_cpu{linear_backward_weight, Device::cpu, backward_weight};

}  // namespace
}  // namespace cuunet
