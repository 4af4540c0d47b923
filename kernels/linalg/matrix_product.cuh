// y = scale · a · b + biases on the device (kernels/linalg/matrix_product.h has the CPU's): f32, or bf16 as soon as one
// operand is; operands of another type are converted first. Each operand has one stride of 1; y's columns are
// contiguous, f32 or of the operands' type.
#pragma once

#include "kernels/device/kernel.h"
#include "kernels/device/view.h"
#include "kernels/linalg/matrix_product.h"

namespace cuunet::CUUNET_TARGET {

struct MatrixProductOptions {
  int64_t batches = 1;
  bool sum_batches = false;  // y is one matrix, the sum of the batches' products
  bool symmetric = false;    // y is: only the tiles on and above its diagonal are computed
  double scale = 1;
  ConstView row_bias = {}, column_bias = {};  // f32; one value per row or per column of y, or empty
  int64_t lanes = 0;                          // columns to write, zeros from y's own on; 0: y's own
};

void multiply_matrices(const char* op, Context&, const ConstMatrix& a, const ConstMatrix& b, const Matrix& y,
                       const MatrixProductOptions& = {});

}  // namespace cuunet::CUUNET_TARGET
