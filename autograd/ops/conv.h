// Differentiable convolutions. Formulas and shapes: kernels/conv.
#pragma once

#include "autograd/tape/tape.h"
#include "kernels/conv/conv2d.h"
#include "kernels/conv/conv_transpose2d.h"

namespace cuunet {

// x [N, C, H, W] by w [K, C, R, S]; the bias [K] may be undefined. With params.relu, relu(conv2d(…)) in one pass.
// PyTorch: torch.nn.functional.conv2d, torch.nn.Conv2d for the padding modes
Var conv2d(const Var& x, const Var& w, const Var& bias, const Conv2dParams& params = {});

// x [N, C, H, W] by w [C, K, R, S]; the bias [K] may be undefined. PyTorch: torch.nn.functional.conv_transpose2d
Var conv_transpose2d(const Var& x, const Var& w, const Var& bias, const ConvTranspose2dParams& params = {});

// x [N, C, L] by w [K, C, 1]; the bias [K] may be undefined. PyTorch: torch.nn.functional.conv1d
Var conv1d(const Var& x, const Var& w, const Var& bias);

}  // namespace cuunet
