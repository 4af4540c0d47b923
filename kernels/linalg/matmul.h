// y = op(a) · op(b), op the transpose of the last two dimensions where the flag is set
// y: [M, N] or [B, M, N], f32, bf16 or f64; a: [M, K], stored [K, M] when transposed; b: [K, N], stored [N, K]
// PyTorch: torch.matmul, torch.bmm
// The gradients are products again: grad op(a) = grad_y · op(b)ᵀ, grad op(b) = op(a)ᵀ · grad_y.
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

struct MatmulParams {
  bool transpose_a = false, transpose_b = false;
};

// The shape of y; throws a ShapeError where a and b don't fit.
Shape matmul_output_shape(const Shape& a, const Shape& b, const MatmulParams&);

inline constinit Operator<void(Context&, ConstView a, ConstView b, View y, const MatmulParams&)> matmul_forward{
    "matmul_forward"};

}  // namespace cuunet
