#include "kernels/loss/wasserstein.h"

#include "kernels/device/error.h"

#define EIGEN_DONT_PARALLELIZE
#include <Eigen/Dense>

namespace cuunet {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

constexpr double epsilon = 1e-8;

struct Moments {
  Matrix centred;  // [channels, n]
  Vector mean;
  Matrix covariance;
};

Moments moments_of(std::span<const double> maps, int64_t channels) {
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  int64_t n = static_cast<int64_t>(maps.size()) / channels;
  Moments m;
  m.centred = Eigen::Map<const RowMajor>(maps.data(), channels, n);
  m.mean = m.centred.rowwise().mean();
  m.centred.colwise() -= m.mean;
  m.covariance = m.centred * m.centred.transpose() / static_cast<double>(n);
  return m;
}

Eigen::SelfAdjointEigenSolver<Matrix> decomposed(const Matrix& symmetric) {
  Eigen::SelfAdjointEigenSolver<Matrix> solver(symmetric);
  if (solver.info() != Eigen::Success) {
    throw Error(
        "wasserstein_distance: the eigenvalues of a covariance were not found; the maps hold what is not finite");
  }
  return solver;
}

Matrix root_of(const Matrix& covariance) {
  auto eigen = decomposed(covariance);
  Vector roots = eigen.eigenvalues().cwiseMax(0).cwiseSqrt();
  return eigen.eigenvectors() * roots.asDiagonal() * eigen.eigenvectors().transpose();
}

}  // namespace

WassersteinDistance wasserstein_distance(std::span<const double> prediction, std::span<const double> target,
                                         int64_t channels, bool with_gradient) {
  if (prediction.size() != target.size() || channels < 1 || prediction.empty() ||
      prediction.size() % static_cast<size_t>(channels) != 0) {
    throw ShapeError("wasserstein_distance: {} and {} values are not maps of {} channels", prediction.size(),
                     target.size(), channels);
  }
  Moments p = moments_of(prediction, channels), t = moments_of(target, channels);
  Matrix root = root_of(t.covariance);
  Matrix product = root * p.covariance * root;
  auto eigen = decomposed((product + product.transpose()) / 2);
  Vector roots = (eigen.eigenvalues().cwiseMax(0).array() + epsilon).sqrt();
  // A covariance has no negative eigenvalues: their sum is its trace.
  WassersteinDistance distance{
      (t.mean - p.mean).squaredNorm() + t.covariance.trace() + p.covariance.trace() - 2 * roots.sum(), {}};
  if (!with_gradient) return distance;
  Vector g = (eigen.eigenvalues().array() > 0).select(roots.cwiseInverse(), 0);
  Matrix turned = root * eigen.eigenvectors();
  Matrix slope = Matrix::Identity(channels, channels) - turned * g.asDiagonal() * turned.transpose();
  Matrix gradient = slope * p.centred;
  gradient.colwise() += p.mean - t.mean;
  gradient *= 2 / static_cast<double>(p.centred.cols());
  distance.gradient.resize(prediction.size());
  int64_t n = gradient.cols();
  for (int64_t c = 0; c < channels; ++c) {
    for (int64_t i = 0; i < n; ++i) distance.gradient[static_cast<size_t>(c * n + i)] = gradient(c, i);
  }
  return distance;
}

}  // namespace cuunet
