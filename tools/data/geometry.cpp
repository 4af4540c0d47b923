#include "tools/data/geometry.h"

#include "kernels/device/error.h"

#include <cmath>
#include <utility>

namespace cuunet {

namespace {

using System = std::array<std::array<double, 9>, 8>;  // eight equations, the right sides in the last column

// Gauss elimination with partial pivoting.
Homography solve(System& rows) {
  for (size_t k = 0; k < 8; ++k) {
    size_t pivot = k;
    for (size_t i = k + 1; i < 8; ++i) {
      if (std::fabs(rows[i][k]) > std::fabs(rows[pivot][k])) pivot = i;
    }
    std::swap(rows[k], rows[pivot]);
    if (!(std::fabs(rows[k][k]) > 1e-12)) throw Error("warp: three corners on one line; make the magnitudes smaller");
    for (size_t i = k + 1; i < 8; ++i) {
      double factor = rows[i][k] / rows[k][k];
      for (size_t j = k; j < 9; ++j) rows[i][j] -= factor * rows[k][j];
    }
  }
  Homography c{};
  for (size_t k = 8; k-- > 0;) {
    double right = rows[k][8];
    for (size_t j = k + 1; j < 8; ++j) right -= rows[k][j] * c[j];
    c[k] = right / rows[k][k];
  }
  return c;
}

}  // namespace

Homography homography(const Corners& from, const Corners& to) {
  System rows{};
  for (size_t i = 0; i < 4; ++i) {
    auto [x, y] = from[i];
    auto [u, v] = to[i];
    rows[2 * i] = {x, y, 1, 0, 0, 0, -u * x, -u * y, u};
    rows[2 * i + 1] = {0, 0, 0, x, y, 1, -v * x, -v * y, v};
  }
  return solve(rows);
}

Affine operator*(const Affine& a, const Affine& b) {
  const auto& p = a.m;
  const auto& q = b.m;
  return {{p[0] * q[0] + p[1] * q[3], p[0] * q[1] + p[1] * q[4], p[0] * q[2] + p[1] * q[5] + p[2],
           p[3] * q[0] + p[4] * q[3], p[3] * q[1] + p[4] * q[4], p[3] * q[2] + p[4] * q[5] + p[5]}};
}

}  // namespace cuunet
