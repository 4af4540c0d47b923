// Differentiable attention. Formulas and shapes: kernels/attention.
#pragma once

#include "autograd/tape/tape.h"

namespace cuunet {

// exp(x) / Σ exp(x) along a dimension: any of rank 1 to 3, 1 of [N, C, H, W]. PyTorch: torch.softmax(x, dim)
Var softmax(const Var& x, int dim);

}  // namespace cuunet
