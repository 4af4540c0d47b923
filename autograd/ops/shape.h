// Differentiable changes of shape.
#pragma once

#include "autograd/tape/tape.h"

namespace cuunet {

// The same elements in PyTorch's order under another shape. PyTorch: x.reshape(shape)
Var reshape(const Var& x, const Shape& shape);

}  // namespace cuunet
