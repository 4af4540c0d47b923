#include "tools/verify/comparison.h"

#include "kernels/device/error.h"
#include "tools/verify/named_values.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace cuunet {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// The error in units of what is allowed. Equal infinities agree; a NaN agrees with nothing but an expected NaN.
double share_of(double found, double expected, double allowed) {
  if (found == expected || (std::isnan(found) && std::isnan(expected))) return 0;
  double share = std::abs(found - expected) / allowed;
  return std::isnan(share) ? infinity : share;
}

// FNV-1a over words of 64 bits.
uint64_t hash_of(uint64_t hash, std::span<const double> values) {
  for (double value : values) hash = (hash ^ std::bit_cast<uint64_t>(value)) * 0x100000001b3;
  return hash;
}

double rounded_to(DType dtype, double value) {
  return dtype == DType::bf16 ? static_cast<double>(bfloat16(static_cast<float>(value))) : value;
}

}  // namespace

void Comparison::compare(const std::string& name, std::span<const double> found, std::span<const double> expected,
                         std::span<const double> allowed) {
  TensorResult& result = results_[name];
  result.name = name;
  if (found.size() != expected.size()) {
    result.share = infinity;
    result.problem = fmt::format("{}: expected {} numbers, got {}", name, expected.size(), found.size());
    return;
  }
  bool first = result.compared == 0;
  result.compared += static_cast<int64_t>(found.size());
  size_t worst = 0;
  double worst_share = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    double share = share_of(found[i], expected[i], allowed[i]);
    if (share <= worst_share) continue;
    worst = i;
    worst_share = share;
  }
  if (found.empty() || (!first && worst_share <= result.share)) return;
  result.share = worst_share;
  result.tolerance = allowed[worst];
  result.problem = fmt::format("{}[{}]: expected {:.9g}, got {:.9g}, allowed {:.3g}", name, worst, expected[worst],
                               found[worst], allowed[worst]);
}

std::optional<std::vector<double>> Comparison::expected(const std::string& name) const {
  auto known = yardstick_.find(name);
  if (known != yardstick_.end()) return known->second;
  return case_.expected(name);
}

void Comparison::compare_elements(const std::string& name, std::span<const double> found, std::vector<double> expected,
                                  DType stored_as) {
  Tolerance tolerance = tolerance_of(case_, name, expected, precision_, stored_as, tf32_);
  if (tolerance.of_norm) return compare_norm(name, found, expected, tolerance.absolute);
  std::vector<double> allowed;
  for (double& want : expected) {
    if (tolerance.exact()) want = rounded_to(stored_as, want);
    allowed.push_back(tolerance.at(want));
  }
  compare(name, found, expected, allowed);
}

void Comparison::compare_norm(const std::string& name, std::span<const double> found, std::span<const double> expected,
                              double allowed) {
  if (found.size() != expected.size()) return compare(name, found, expected, {});
  double squares = 0, none = 0;
  for (size_t i = 0; i < found.size(); ++i) squares += (found[i] - expected[i]) * (found[i] - expected[i]);
  double norm = std::sqrt(squares);
  compare(name, {&norm, 1}, {&none, 1}, {&allowed, 1});
  results_[name].compared += static_cast<int64_t>(found.size()) - 1;
}

void Comparison::compare_probes(const std::string& name, std::span<const double> found,
                                const std::array<double, 3>& expected) {
  auto got = probes_of(case_.key(name), found, case_.salt());
  auto allowed = case_.probe_tolerance(name);
  if (precision_ == DType::f64) {
    // As for elements: where the terms cancel, as many roundings of 2^-53 as the case allows of 2^-24.
    for (size_t i = 0; i < 3; ++i) allowed[i] = std::max(f64_tolerance * std::abs(expected[i]), allowed[i] * 0x1p-29);
  } else if (precision_ == DType::bf16 || (tf32_ && comes_through_products(case_, name))) {
    // Independent errors of the elements add by their squares, in the sum as in the norm.
    double element = tolerance_of(case_, name, {}, precision_, DType::f32, tf32_).absolute;
    allowed.fill(element * std::sqrt(static_cast<double>(found.size())));
  }
  compare(name, got, expected, allowed);
}

void Comparison::values(const std::string& name, std::span<const double> found, DType stored_as) {
  auto elements = expected(name);
  auto probes = yardstick_.empty() ? case_.probes(name) : std::nullopt;
  if (!elements && !probes) throw Error("{} expects no '{}'", case_.title(), name);
  if (elements) compare_elements(name, found, *std::move(elements), stored_as);
  if (probes) compare_probes(name, found, *probes);
  results_[name].bits = hash_of(results_[name].bits, found);
}

void Comparison::scalar(const std::string& name, double found, double expected, Tolerance tolerance) {
  double allowed = tolerance.at(expected);
  if (precision_ == DType::f64)
    allowed = std::max(std::min(f64_tolerance * std::abs(expected), allowed), allowed * 0x1p-29);
  compare(name, {&found, 1}, {&expected, 1}, {&allowed, 1});
  results_[name].bits = hash_of(results_[name].bits, {&found, 1});
}

void Comparison::fact(const std::string& name, bool holds, const std::string& problem) {
  TensorResult& result = results_[name];
  result.name = name;
  ++result.compared;
  if (holds) return;
  result.share = infinity;
  result.problem = problem;
}

}  // namespace cuunet
