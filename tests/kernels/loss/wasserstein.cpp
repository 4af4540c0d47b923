#include "kernels/loss/wasserstein.h"

#include "kernels/device/error.h"

#include <doctest/doctest.h>

#include <cmath>

namespace cuunet {
namespace {

TEST_CASE("wasserstein_distance: one channel is (μ_t - μ_p)² + (σ_t - σ_p)², but for the 1e-8") {
  std::vector<double> p{1, 3}, t{10, 20};  // means 2 and 15, deviations 1 and 5
  WassersteinDistance found = wasserstein_distance(p, t, 1, true);
  CHECK(found.value == doctest::Approx(169 + 1 + 25 - 2 * std::sqrt(25 + 1e-8)).epsilon(1e-14));
  // ∂/∂p_i = 2/n · ((1 - σ_t²/sqrt(σ_t²σ_p² + 1e-8)) · (p_i - μ_p) + μ_p - μ_t)
  double slope = 1 - 25 / std::sqrt(25 + 1e-8);
  CHECK(found.gradient[0] == doctest::Approx(-slope - 13).epsilon(1e-12));
  CHECK(found.gradient[1] == doctest::Approx(slope - 13).epsilon(1e-12));
  CHECK(wasserstein_distance(p, t, 1, false).gradient.empty());
}

TEST_CASE("wasserstein_distance: covariances that commute add up by channel") {
  // Columns ±a and ±b of two channels: covariance diag(a²/2, b²/2).
  auto maps = [](double a, double b) { return std::vector<double>{a, -a, 0, 0, 0, 0, b, -b}; };
  auto apart = [](double a, double b) { return a * a / 2 + b * b / 2 - 2 * std::sqrt(a * a * b * b / 4 + 1e-8); };
  double expected = apart(1, 3) + apart(2, 0.5);
  CHECK(wasserstein_distance(maps(1, 2), maps(3, 0.5), 2, false).value == doctest::Approx(expected).epsilon(1e-13));
}

TEST_CASE("wasserstein_distance: maps that don't belong together, or hold what is no number") {
  std::vector<double> four(4), six(6), none(4, std::nan(""));
  CHECK_THROWS_AS(wasserstein_distance(four, six, 2, false), ShapeError);
  CHECK_THROWS_AS(wasserstein_distance(four, four, 3, false), ShapeError);
  CHECK_THROWS_AS(wasserstein_distance(none, four, 2, false), Error);
}

}  // namespace
}  // namespace cuunet
