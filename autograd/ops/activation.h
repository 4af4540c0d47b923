// Differentiable activations. Formulas and shapes: kernels/activation.
#pragma once

#include "autograd/tape/tape.h"

namespace cuunet {

// max(x, 0). PyTorch: torch.nn.functional.relu
Var relu(const Var& x);

}  // namespace cuunet
