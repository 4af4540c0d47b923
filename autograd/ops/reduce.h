// Differentiable sums and means. Formulas and shapes: kernels/reduce.
#pragma once

#include "autograd/tape/tape.h"

#include <vector>

namespace cuunet {

// Over the named dimensions, or all when none is named; the result keeps them as ones, or leaves them out. Over
// everything it is a scalar, shape [], in f32 (f64 when x is f64); else it has x's type.
// PyTorch: x.sum(dims, keepdim), x.mean(dims, keepdim)
Var sum(const Var& x, const std::vector<int>& dims = {}, bool keepdim = false);
Var mean(const Var& x, const std::vector<int>& dims = {}, bool keepdim = false);

// Mean over (H, W), [N, C, H, W] → [N, C, 1, 1]. PyTorch: torch.nn.functional.adaptive_avg_pool2d(x, 1)
Var adaptive_avg_pool2d(const Var& x);

}  // namespace cuunet
