// Weights as functions of other parameters. Formulas and shapes: kernels/norm/weight_norm.h and spectral_norm.h.
#pragma once

#include "autograd/tape/tape.h"
#include "kernels/norm/spectral_norm.h"

namespace cuunet {

// g · v / ‖v‖ per output channel. PyTorch: torch.nn.utils.weight_norm
Var weight_norm(const Var& weight_g, const Var& weight_v);

// weight_orig / σ. In training u and v are overwritten by one power iteration, recorded or not; where `sigma` is given,
// it becomes σ, of shape []. PyTorch: torch.nn.utils.spectral_norm
Var spectral_norm(const Var& weight_orig, Tensor u, Tensor v, const SpectralNormParams& params,
                  Tensor* sigma = nullptr);

}  // namespace cuunet
