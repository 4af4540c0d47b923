// Both operands are read in the order they have in memory, transposed or not (kernels/linalg/matrix_product.cu).
// Per element of y: 2·K operations, on tensor cores for bf16 and tf32. Traffic: (M·K + K·N + M·N) elements, and a read
// again per 64 columns, b per 128 rows. Bound: arithmetic for large matrices, memory for narrow ones.
#include "kernels/linalg/matmul.h"

#include "kernels/linalg/matrix_product.cuh"

namespace cuunet::CUUNET_TARGET {
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
  multiply_matrices("matmul", context, params.transpose_a ? left.transposed() : left,
                    params.transpose_b ? right.transposed() : right, matrix_of(y),
                    {.batches = y.shape.rank() == 3 ? y.shape[0] : 1});
}

const Implementation forward_here{matmul_forward, Device::CUUNET_TARGET, forward};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
