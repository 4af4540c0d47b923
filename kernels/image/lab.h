// sRGB -> CIE L*a*b* (D65, 2 degree observer), [H, W, 3] each; the numbers of skimage.color.rgb2lab.
//   linear  = c <= 0.04045 ? c/12.92 : ((c + 0.055)/1.055)^2.4
//   XYZ     = [[0.412453 0.357580 0.180423] [0.212671 0.715160 0.072169] [0.019334 0.119193 0.950227]] · linear,
//             divided by the white (0.95047, 1, 1.08883)
//   f(t)    = t > 0.008856 ? cbrt(t) : 7.787 t + 16/116
//   L = 116 f(Y) - 16,  a = 500 (f(X) - f(Y)),  b = 200 (f(Y) - f(Z))
// double pictures are in 0 … 1, 8-bit ones are divided by 255. Unequal sizes throw ShapeError.
#pragma once

#include <cstdint>
#include <span>

namespace cuunet {

struct Lab {
  double L, a, b;
};

Lab rgb_to_lab(double r, double g, double b);
void rgb_to_lab(std::span<const double> rgb, std::span<double> lab);
void rgb_to_lab(std::span<const uint8_t> rgb, std::span<double> lab);

}  // namespace cuunet
