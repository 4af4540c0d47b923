#include "kernels/linalg/matmul.h"

#include "kernels/linalg/matrix_product.h"

namespace cuunet {

Shape matmul_output_shape(const Shape& a, const Shape& b, const MatmulParams& params) {
  int rank = a.rank();
  if ((rank != 2 && rank != 3) || b.rank() != rank) {
    throw ShapeError("matmul expects two matrices or two batches of matrices, got {} and {}", a.text(), b.text());
  }
  int64_t m = a[rank - 2], k = a[rank - 1], k_of_b = b[rank - 2], n = b[rank - 1];
  if (params.transpose_a) std::swap(m, k);
  if (params.transpose_b) std::swap(k_of_b, n);
  if (k != k_of_b) {
    throw ShapeError("matmul expects equal inner sizes, got {} and {} (a {}{}, b {}{})", k, k_of_b, a.text(),
                     params.transpose_a ? " transposed" : "", b.text(), params.transpose_b ? " transposed" : "");
  }
  if (rank == 3 && a[0] != b[0]) throw ShapeError("matmul expects equal batches, got {} and {}", a.text(), b.text());
  return rank == 2 ? Shape{m, n} : Shape{a[0], m, n};
}

namespace {

template <class Void>
BasicMatrix<Void> matrix_of(const BasicView<Void>& view) {
  int rank = view.shape.rank();
  int64_t rows = view.shape[rank - 2], columns = view.shape[rank - 1];
  return {view.data, view.dtype, rows, columns, columns, 1, rows * columns};
}

void forward(Context& context, ConstView a, ConstView b, View y, const MatmulParams& params) {
  Shape expected = matmul_output_shape(a.shape, b.shape, params);
  if (!(expected == y.shape)) throw ShapeError("matmul gives {}, got y {}", expected.text(), y.shape.text());
  ConstMatrix left = matrix_of(a), right = matrix_of(b);
  multiply(context, params.transpose_a ? left.transposed() : left, params.transpose_b ? right.transposed() : right,
           matrix_of(y), {.batches = y.shape.rank() == 3 ? y.shape[0] : 1});
}

const Implementation forward_on_cpu{matmul_forward, Device::cpu, forward};

}  // namespace
}  // namespace cuunet
