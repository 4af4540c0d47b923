// reduce_sum: y = scale·Σ x over some dimensions           x: any shape, f32, bf16 or f64
// broadcast:  x = scale·y repeated along those dimensions  the gradient of reduce_sum, and the other way round
// `dims` has bit d set when dimension d of x is summed; y has x's shape with ones there, or with them left out.
// PyTorch: x.sum(dims, keepdim), y.expand_as(x); scale = 1/count gives x.mean(dims, keepdim)
// Sums are in double over fixed blocks added in order. The types of x and y may differ; either may be a channel slice.
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

struct ReducedDims {
  unsigned dims = 0;
  double scale = 1;
};

// The shape of y, with ones (keep) or without; a ShapeError when dims names a dimension that x does not have.
Shape reduced_shape(const Shape& x, unsigned dims, bool keep);

// Throws a ShapeError unless y has one of those two shapes.
void require_reduced(const char* op, ConstView x, ConstView y, unsigned dims);

inline constinit Operator<void(Context&, ConstView x, View y, ReducedDims)> reduce_sum{"reduce_sum"};
inline constinit Operator<void(Context&, ConstView y, View x, ReducedDims)> broadcast{"broadcast"};

}  // namespace cuunet
