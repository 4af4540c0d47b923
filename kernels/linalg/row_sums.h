// sums[row] = Σ over batches and columns of m, in double, in order: the gradient of a bias. On the CPU.
#pragma once

#include "kernels/device/view.h"
#include "kernels/linalg/matrix_product.h"

namespace cuunet {

void sum_rows(Context&, const ConstMatrix& m, int64_t batches, View sums);

}  // namespace cuunet
