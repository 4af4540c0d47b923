// The bf16 rules, from the README of the family "ops": u = 2^-8, Q and S the largest sqrt(sum (ab)^2) and sum|a||b| of
// a tensor's elements ("bounds"), max the tensor's largest value.
//
//   products        6 u Q + 16·2^-24 S                  measured 2.9 u Q with rounded operands
//   batch_norm, …   4 u max                             measured 1.4
//   self_attention  8 u max                             measured 3.3; its gamma's gradient is one cancelling sum
//   conv_relu_bn    4 u max for y; gradients flip at the ReLU: by their L2 norm, not element by element
//   stored as bf16  u |want| more
#include "tools/verify/tolerance.h"

#include "kernels/device/error.h"
#include "tools/verify/case.h"

#include <algorithm>
#include <cmath>

namespace cuunet {
namespace {

constexpr double u = 0x1p-8;

double largest(std::span<const double> values) {
  double most = 0;
  for (double v : values) most = std::max(most, std::abs(v));
  return most;
}

Tolerance stated(const nlohmann::json& json, const std::string& tensor) {
  const auto& entry = json.contains("tolerances") && json["tolerances"].contains(tensor) ? json["tolerances"][tensor]
                                                                                         : json.at("tolerance");
  return {entry.at("atol").get<double>(), entry.at("rtol").get<double>()};
}

Tolerance bf16_tolerance(const Case& which, const std::string& tensor, std::span<const double> expected,
                         DType stored_as) {
  if (which.family() != "ops") throw UsageError("family '{}' has no rule for bf16; use f32 or f64", which.family());
  Tolerance tolerance{.absolute = 0, .relative = stored_as == DType::bf16 ? u : 0};
  if (which.json().contains("bounds")) {
    const auto& bound = which.json()["bounds"].at(tensor);
    tolerance.absolute =
        6 * u * bound.at("root_sum_squares").get<double>() + 16 * 0x1p-24 * bound.at("sum_abs").get<double>();
    return tolerance;
  }
  bool attention = which.name().starts_with("self_attention/");
  tolerance.absolute = (attention ? 8 : 4) * u * largest(expected);
  return tolerance;
}

}  // namespace

Tolerance tolerance_of(const Case& which, const std::string& tensor, std::span<const double> expected, DType precision,
                       DType stored_as) {
  Tolerance tolerance = stated(which.json(), tensor);
  if (tolerance.exact()) return tolerance;
  switch (precision) {
    case DType::f64: {
      // Where terms cancel to nothing: as many roundings of 2^-53 as the case allows of 2^-24.
      double roundings = tolerance.absolute * 0x1p-29;
      return {.absolute = std::max(f64_tolerance * largest(expected), roundings), .relative = 0};
    }
    case DType::bf16: return bf16_tolerance(which, tensor, expected, stored_as);
    default: return tolerance;
  }
}

}  // namespace cuunet
