// The inputs and parameters of conformance cases, made from their names; the numbers are part of the cases' contract.
//
//   h = FNV-1a 64 of "<salt>/<key>",  x(j) = splitmix64's output function of h + j
//   uniform(key)[j] = float(x(j) >> 40)·2^-23 − 1    in [−1, 1), exact in f32; j counts row-major over the shape
//
// Everything else is one f32 multiplication and at most one addition on u = uniform(key), each rounded, never fused.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cuunet {

std::vector<float> uniform_values(std::string_view key, int64_t count, int64_t salt = 0);

// A parameter or buffer of a model under its state-dict name:
//   running_mean 0.1u · running_var 1 + 0.25u · num_batches_tracked 0 · 1-D weight_u, weight_v u/|u| · weight_g 1 +
//   0.25u gamma 0.5 + 0.25u · rank >= 2 sqrt(3 / fan_in)·u, fan_in = all dimensions but the first · 1-D weight 1 +
//   0.25u every other 0.1u
std::vector<float> parameter_values(std::string_view name, std::span<const int64_t> shape, int64_t salt = 0);

// An input put through a case's transform, in the words of the case files: "uniform", "a*uniform", "a + b*uniform",
// "floor(k*uniform)/k", "max(uniform, 0)", "uniform < t ? 0 : 1", "a where uniform >= 0, else b", "constant c",
// "unit(uniform)", and "byte(uniform)" = floor(128·(u + 1)), also written "floor(128*(uniform+1))". Bytes come as
// whole numbers 0 … 255. A transform in other words is an Error.
std::vector<float> input_values(std::string_view key, std::string_view transform, int64_t count, int64_t salt = 0);

// What a case stores of a tensor too large to keep: [sum, L2 norm, dot product with uniform("probe/" + key)], in
// double.
std::array<double, 3> probes_of(std::string_view key, std::span<const double> values, int64_t salt = 0);

}  // namespace cuunet
