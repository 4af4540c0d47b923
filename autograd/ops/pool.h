// Differentiable pooling. Formulas and shapes: kernels/pool.
#pragma once

#include "autograd/tape/tape.h"
#include "kernels/pool/avg_pool2d.h"
#include "kernels/pool/max_pool2d.h"

namespace cuunet {

// PyTorch: torch.nn.functional.max_pool2d. `indices`, when given, receives PyTorch's: h·W + w of each maximum, i64.
Var max_pool2d(const Var& x, const MaxPoolParams& params, Tensor* indices = nullptr);
// PyTorch: torch.nn.functional.avg_pool2d
Var avg_pool2d(const Var& x, const AvgPoolParams& params);
// The 2 x 2 mean after a replicate pad of one at the left and top.
Var blur(const Var& x);

}  // namespace cuunet
