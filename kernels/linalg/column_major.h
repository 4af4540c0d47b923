// A row-major matrix as BLAS sees it, which counts columns first: memory that holds a's rows one after the other holds
// the columns of its transpose. y = a · b is asked for as yᵀ = bᵀ · aᵀ.
#pragma once

#include "kernels/linalg/matrix_product.h"

namespace cuunet {

struct ColumnMajor {
  bool transpose = false;  // whether BLAS must transpose it to find the transpose of the matrix
  int64_t leading = 1;     // elements from one column to the next
  bool operator==(const ColumnMajor&) const = default;
};

// For the transpose of m, which must have one stride of 1; an Error else. A stride along a dimension of one element
// means nothing, so it is raised to what BLAS asks for.
ColumnMajor transposed_for_blas(const ConstMatrix& m);

}  // namespace cuunet
