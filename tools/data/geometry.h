// The plane maps behind warp, rotate and zoom; computed in double.
#pragma once

#include <array>

namespace cuunet {

using Corners = std::array<std::array<double, 2>, 4>;  // top left, bottom left, top right, bottom right
inline constexpr Corners image_corners{{{-1, -1}, {-1, 1}, {1, -1}, {1, 1}}};

// x' = (c0 x + c1 y + c2)/(c6 x + c7 y + 1), y' = (c3 x + c4 y + c5)/(c6 x + c7 y + 1)
using Homography = std::array<double, 8>;

// The homography that takes each corner of `from` to that of `to`. Error when there is none.
Homography homography(const Corners& from, const Corners& to);

// (x, y) -> (m0 x + m1 y + m2, m3 x + m4 y + m5)
struct Affine {
  std::array<double, 6> m{1, 0, 0, 0, 1, 0};
  bool operator==(const Affine&) const = default;
};
Affine operator*(const Affine& a, const Affine& b);  // b first, then a

}  // namespace cuunet
