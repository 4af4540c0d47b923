#include "kernels/linalg/column_major.h"

#include "kernels/device/error.h"

#include <algorithm>

namespace cuunet {

ColumnMajor transposed_for_blas(const ConstMatrix& m) {
  auto leading = [](int64_t stride, int64_t count, int64_t least) {
    least = std::max<int64_t>(least, 1);
    return count <= 1 ? std::max(stride, least) : stride;
  };
  // As it lies: each row of m, `columns` long, is a column of the transpose.
  int64_t by_rows = leading(m.row_stride, m.rows, m.columns), by_columns = leading(m.column_stride, m.columns, m.rows);
  bool rows_contiguous = m.column_stride == 1 || m.columns <= 1, columns_contiguous = m.row_stride == 1 || m.rows <= 1;
  if (rows_contiguous && by_rows >= m.columns) return {false, by_rows};
  if (columns_contiguous && by_columns >= m.rows) return {true, by_columns};
  throw ShapeError("a matrix of {} x {} with strides {} and {} is not one that BLAS can read", m.rows, m.columns,
                   m.row_stride, m.column_stride);
}

}  // namespace cuunet
