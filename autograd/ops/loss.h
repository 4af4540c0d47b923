// Differentiable losses: one number from feature maps, f32 (f64 for f64 maps), of shape []. Formulas: kernels/loss.
#pragma once

#include "autograd/tape/tape.h"
#include "kernels/loss/edge_maps.h"
#include "kernels/loss/reduction.h"
#include "kernels/loss/smooth_l1_loss.h"

namespace cuunet {

// |input - target|. PyTorch: torch.nn.functional.l1_loss
Var l1_loss(const Var& input, const Var& target, Reduction reduction = Reduction::mean);
// (input - target)². PyTorch: torch.nn.functional.mse_loss
Var mse_loss(const Var& input, const Var& target, Reduction reduction = Reduction::mean);
// Quadratic below beta, linear above. PyTorch: torch.nn.functional.smooth_l1_loss
Var smooth_l1_loss(const Var& input, const Var& target, const SmoothL1Params& params = {});
// Of logits against a constant target in [0, 1]. PyTorch: torch.nn.functional.binary_cross_entropy_with_logits
Var bce_with_logits(const Var& input, const Var& target, Reduction reduction = Reduction::mean);
// Vertical plus horizontal differences, anisotropic.
Var total_variation(const Var& x, Reduction reduction = Reduction::mean);

// The squared 2-Wasserstein distance of the maps' channels as normal distributions, [N, C, H, W] viewed as [C, N·H·W].
// Computed on the host in double, wherever the maps are; the target gets no gradient.
Var wasserstein_distance(const Var& input, const Var& target);

// Edges of the channel mean, [N, 1, H, W], f32 also when x is bf16; gx and gy are its two derivatives, without
// gradients of their own.
struct SobelMaps {
  Var magnitude;
  Tensor gx, gy;
};
SobelMaps sobel(const Var& x, PaddingMode padding = PaddingMode::zeros);
Var laplacian(const Var& x, PaddingMode padding = PaddingMode::zeros);

// mean |sobel(fake) - sobel(real)| and mean |laplacian(fake) - laplacian(real)|, zeros outside. NectarGAN's losses of
// the same names.
Var sobel_loss(const Var& fake, const Var& real);
Var laplacian_loss(const Var& fake, const Var& real);

}  // namespace cuunet
