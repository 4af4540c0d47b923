// bf16, u = 2^-8, and tf32, u = 2^-11:
//
//   products         6 u Q + 16·2^-24 S against the case's own numbers; Q and S are the largest sqrt(sum (ab)^2) and
//                    sum|a||b| of a tensor's elements ("bounds"). Measured with rounded operands: 2.9 u Q.
//   all others       bf16: against f64 of the operands rounded to bf16 (see operators.cpp): 4 u max, where terms
//                    cancel 4 u of those terms, which is u 2^24 times the f32 rule; self_attention 8 u max.
//                    tf32: so where the operator has products inside, against the case's own numbers; else as f32
//   conv_relu_bn     gradients by their L2 norm, 2 sqrt(u) of it: about a share u of the convolution's results, those
//                    near 0, changes side of the ReLU, and their elements are outliers. Measured 0.53 sqrt(u).
//   stored as bf16   u |want| more
//
// The rules for products, batch_norm, self_attention and conv_relu_bn are those of the README of the family "ops".
#include "tools/verify/tolerance.h"

#include "kernels/device/error.h"
#include "tools/verify/case.h"

#include <algorithm>
#include <cmath>

namespace cuunet {
namespace {

constexpr double bf16_unit = 0x1p-8, tf32_unit = 0x1p-11;

double largest(std::span<const double> values) {
  double most = 0;
  for (double v : values) most = std::max(most, std::abs(v));
  return most;
}

double l2_norm(std::span<const double> values) {
  double squares = 0;
  for (double v : values) squares += v * v;
  return std::sqrt(squares);
}

// The tensor's own under "tolerances" or "tolerance", else the case's.
Tolerance stated(const nlohmann::json& json, const std::string& tensor) {
  for (const char* list : {"tolerances", "tolerance"}) {
    if (!json.contains(list) || !json[list].contains(tensor)) continue;
    const auto& own = json[list][tensor];
    return {own.at("atol").get<double>(), own.at("rtol").get<double>()};
  }
  const auto& entry = json.at("tolerance");
  if (entry.contains("atol_by_name")) return {.absolute = entry["atol_by_name"].at(tensor).get<double>()};
  return {entry.at("atol").get<double>(), entry.at("rtol").get<double>()};
}

// With operands rounded to u of themselves.
Tolerance rounded_tolerance(const Case& which, const std::string& tensor, std::span<const double> expected, double u,
                            double absolute_f32) {
  if (which.family() != "ops") {
    throw UsageError("family '{}' has no rule for bf16 and tf32; use f32 or f64", which.family());
  }
  if (which.json().contains("bounds")) {
    const auto& bound = which.json()["bounds"].at(tensor);
    return {.absolute =
                6 * u * bound.at("root_sum_squares").get<double>() + 16 * 0x1p-24 * bound.at("sum_abs").get<double>()};
  }
  if (which.name().starts_with("conv_relu_bn/") && tensor.starts_with("grad_")) {
    return {.absolute = 2 * std::sqrt(u) * l2_norm(expected), .of_norm = true};
  }
  bool attention = which.name().starts_with("self_attention/");
  return {.absolute = std::max((attention ? 8 : 4) * u * largest(expected), absolute_f32 * u * 0x1p24)};
}

}  // namespace

bool comes_through_products(const Case& which, const std::string& tensor) {
  if (which.family() != "ops" || which.json().contains("bounds")) return true;
  auto is = [&](const char* name) { return which.name().starts_with(name); };
  if (is("self_attention/") || is("conv_relu_bn/")) return true;
  return (is("spectral_norm/") || is("weight_norm/")) && (tensor == "y" || tensor.starts_with("grad_"));
}

Tolerance tolerance_of(const Case& which, const std::string& tensor, std::span<const double> expected, DType precision,
                       DType stored_as, bool tf32) {
  Tolerance tolerance = stated(which.json(), tensor);
  if (tolerance.exact()) return tolerance;
  switch (precision) {
    case DType::f64: {
      // Where terms cancel to nothing: as many roundings of 2^-53 as the case allows of 2^-24.
      double roundings = tolerance.absolute * 0x1p-29;
      return {.absolute = std::max(f64_tolerance * largest(expected), roundings), .relative = 0};
    }
    case DType::bf16: {
      Tolerance rounded = rounded_tolerance(which, tensor, expected, bf16_unit, tolerance.absolute);
      if (stored_as == DType::bf16 && !rounded.of_norm) rounded.relative = bf16_unit;
      return rounded;
    }
    default: {
      if (!tf32 || !comes_through_products(which, tensor)) return tolerance;
      return rounded_tolerance(which, tensor, expected, tf32_unit, tolerance.absolute);
    }
  }
}

}  // namespace cuunet
