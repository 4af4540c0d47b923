// Products of matrices on the CPU, of any strides and any mix of f32 and bf16 (or all f64): y = scale · a · b.
// Blocks of six rows by one vector stay in registers; operands are packed and converted once. Sums are in f32 (f64 with
// f64) over blocks of 256 products, added in order: the bits depend on the shapes alone.
#pragma once

#include "kernels/device/context.h"
#include "kernels/device/dtype.h"

#include <utility>

namespace cuunet {

// Element (row, column) of matrix `batch` lies at data[batch·batch_stride + row·row_stride + column·column_stride].
template <class Void>
struct BasicMatrix {
  Void* data = nullptr;
  DType dtype = DType::f32;
  int64_t rows = 0, columns = 0, row_stride = 0, column_stride = 1, batch_stride = 0;

  BasicMatrix transposed() const { return {data, dtype, columns, rows, column_stride, row_stride, batch_stride}; }
  operator BasicMatrix<const void>() const requires(!std::is_const_v<Void>) {
    return {data, dtype, rows, columns, row_stride, column_stride, batch_stride};
  }
};
using Matrix = BasicMatrix<void>;
using ConstMatrix = BasicMatrix<const void>;

struct ProductOptions {
  int64_t batches = 1;
  double scale = 1;
  bool accumulate = false;            // y += scale · a · b
  const void* row_bias = nullptr;     // one value per row of y, f32 (f64 with f64)
  const void* column_bias = nullptr;  // one value per column of y
};

void multiply(Context&, const ConstMatrix& a, const ConstMatrix& b, const Matrix& y, const ProductOptions& = {});

}  // namespace cuunet
