// Differentiable activations. Formulas and shapes: kernels/activation.
#pragma once

#include "autograd/tape/tape.h"
#include "kernels/activation/dropout.h"

namespace cuunet {

// max(x, 0). PyTorch: torch.nn.functional.relu
Var relu(const Var& x);
// x > 0 ? x : slope·x. PyTorch: torch.nn.functional.leaky_relu
Var leaky_relu(const Var& x, double slope = 0.2);
// 1/(1 + exp(-x)). PyTorch: torch.sigmoid
Var sigmoid(const Var& x);
// low + (high - low)·sigmoid(x)
Var sigmoid_range(const Var& x, double low, double high);
// PyTorch: torch.tanh
Var tanh(const Var& x);

// Zeroes elements, or with params.per_map whole maps, with probability p and scales the rest by 1/(1 - p). For
// training; in eval leave it out. The mask follows from params.seed and params.offset. PyTorch:
// torch.nn.functional.dropout, dropout2d
Var dropout(const Var& x, const DropoutParams& params);
// The same with a given mask of zeros and ones: x's shape or [N, C, 1, 1].
Var dropout(const Var& x, const Tensor& mask, double p);

}  // namespace cuunet
