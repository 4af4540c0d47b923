// How parameters begin. Draws are named by seed and parameter path, so they do not depend on the order of modules.
#pragma once

#include "engine/tensor/tensor.h"

#include <cstdint>
#include <string>

namespace cuunet {

enum class Fan { in, out };

// N(0, 2 / fan), fan = product of all dimensions but the first (in) or but the second (out).
// PyTorch: torch.nn.init.kaiming_normal_(w, mode='fan_in' | 'fan_out', nonlinearity='relu')
// K. He et al., "Delving Deep into Rectifiers" (ICCV 2015).
void kaiming_normal(Tensor& weight, Fan fan, uint64_t seed, const std::string& path);

// N(0, deviation²).
void fill_normal(Tensor& weight, double deviation, uint64_t seed, const std::string& path);

// Uniform in [-bound, bound).
void fill_uniform(Tensor& tensor, double bound, uint64_t seed, const std::string& path);

void fill_constant(Tensor& tensor, double value);

// A random direction of unit length, as spectral norm's u and v begin.
void fill_unit(Tensor& vector, uint64_t seed, const std::string& path);

// A seed of a layer's own, for draws that it makes later.
uint64_t seed_of(uint64_t seed, const std::string& path);

// The kernel of a convolution before a pixel shuffle by 2 that makes each 2×2 block of the output one value:
// kernel[n] = base[n / 4], base: [K/4, C, R, S], kernel: [K, C, R, S].
// A. Aitken et al., "Checkerboard artifact free sub-pixel convolution" (2017).
void icnr(const Tensor& base, Tensor& kernel);

}  // namespace cuunet
