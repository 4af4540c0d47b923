// weight = weight_orig / σ, σ = uᵀ W v the largest singular value of W as power iteration knows it.
// W is weight_orig as a matrix: dimension `dim` first (0; 1 for transposed convolutions), the rest in PyTorch's order.
// In training, before: v = n(Wᵀ u), u = n(W v), n(x) = x / max(‖x‖₂, 1e-12); u and v are overwritten. In eval: as they
// are. grad_orig = (G - u vᵀ · Σ G∘W / σ) / σ              G: the gradient of weight; u and v count as constants
// PyTorch: the old-style torch.nn.utils.spectral_norm(layer) (Miyato et al. 2018), n_power_iterations = 1.
// weight_orig, weight: any rank ≥ 2, f32 or f64; u: [rows], v: [columns], sigma: one element. Sums are in double.
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

struct SpectralNormParams {
  bool training = true;
  int dim = 0;
};

inline constinit Operator<void(Context&, ConstView weight_orig, View u, View v, View weight, View sigma,
                               const SpectralNormParams&)>
    spectral_norm_forward{"spectral_norm_forward"};
// u, v and sigma as forward left them.
inline constinit Operator<void(Context&, ConstView weight_orig, ConstView u, ConstView v, ConstView sigma,
                               ConstView grad_weight, View grad_orig, const SpectralNormParams&)>
    spectral_norm_backward{"spectral_norm_backward"};

// Throws a ShapeError unless u and v fit the matrix of weight_orig.
void require_spectral_norm(const Shape& weight_orig, const Shape& u, const Shape& v, const SpectralNormParams&);

}  // namespace cuunet
