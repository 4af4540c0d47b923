// Differentiable products of matrices. Formulas and shapes: kernels/linalg.
#pragma once

#include "autograd/tape/tape.h"
#include "kernels/linalg/matmul.h"

namespace cuunet {

// op(a) · op(b) of two matrices or two batches of them. PyTorch: torch.matmul
Var matmul(const Var& a, const Var& b, const MatmulParams& params = {});

// x […, I] by w [O, I]; the bias [O] may be undefined. PyTorch: torch.nn.functional.linear
Var linear(const Var& x, const Var& w, const Var& bias);

// The Gram matrices [N, C, C] of x [N, C, H, W], divided by C·H·W; f32 also when x is bf16.
Var gram(const Var& x);

}  // namespace cuunet
