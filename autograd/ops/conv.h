// Differentiable convolutions. Formulas and shapes: kernels/conv.
#pragma once

#include "autograd/tape/tape.h"
#include "kernels/conv/conv2d.h"

namespace cuunet {

// x [N, C, H, W] by w [K, C, R, S]; the bias [K] may be undefined. With params.relu, relu(conv2d(…)) in one pass.
// PyTorch: torch.nn.functional.conv2d, torch.nn.Conv2d for the padding modes
Var conv2d(const Var& x, const Var& w, const Var& bias, const Conv2dParams& params = {});

}  // namespace cuunet
