// Differentiable changes of shape.
#pragma once

#include "autograd/tape/tape.h"

namespace cuunet {

// The same elements in PyTorch's order under another shape. PyTorch: x.reshape(shape)
Var reshape(const Var& x, const Shape& shape);
// [N, …] → [N, the rest]. PyTorch: x.flatten(1)
Var flatten(const Var& x);

}  // namespace cuunet
