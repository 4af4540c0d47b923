// The squared 2-Wasserstein distance of two maps' channels, each taken for a normal distribution:
//
//   W = |μ_t - μ_p|² + Σ eig(C_t) + Σ eig(C_p) - 2 Σ sqrt(max(eig(R C_p R), 0) + 1e-8),   R = C_t^(1/2)
//   ∂W/∂C_p = 1 - R V diag(g) Vᵀ R,  g_i = 1 / sqrt(λ_i + 1e-8) where λ_i > 0,   R C_p R = V diag(λ) Vᵀ
//   ∂W/∂X_p = 2/n · (∂W/∂C_p · (X_p - μ_p) + (μ_p - μ_t))
//
// p, t: prediction and target as [channels, n] in PyTorch's order: more than one image is *viewed* so, which mixes
// images and channels, as the original does. μ: row means, C = (X - μ)(X - μ)ᵀ / n. Everything in double: the
// covariances are rank deficient, and f32 would be off by a quarter. I. Olkin and F. Pukelsheim, "The distance between
// two random vectors with given dispersion matrices" (1982); DeOldify's WassFeatureLoss.
// Its own 1e-8 keeps W of equal maps from being zero: there W = 2 Σ (λ - sqrt(λ² + 1e-8)).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cuunet {

struct WassersteinDistance {
  double value;
  std::vector<double> gradient;  // with respect to the prediction; empty when it is not wanted
};

// On the calling thread. ShapeError: maps of different sizes, or a size that is no multiple of the channels.
WassersteinDistance wasserstein_distance(std::span<const double> prediction, std::span<const double> target,
                                         int64_t channels, bool with_gradient);

}  // namespace cuunet
