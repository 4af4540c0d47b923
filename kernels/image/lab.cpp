#include "kernels/image/lab.h"

#include "kernels/device/error.h"

#include <cmath>

namespace cuunet {

namespace {

double linear_of_srgb(double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); }

double lab_curve(double t) { return t > 0.008856 ? std::cbrt(t) : 7.787 * t + 16.0 / 116.0; }

template <class T>
void convert(std::span<const T> rgb, std::span<double> lab, double scale) {
  if (rgb.size() % 3 != 0 || rgb.size() != lab.size()) {
    throw ShapeError("rgb_to_lab: expected pictures of one size, 3 values per pixel, got {} and {} values", rgb.size(),
                     lab.size());
  }
  for (size_t i = 0; i < rgb.size(); i += 3) {
    Lab colour = rgb_to_lab(rgb[i] / scale, rgb[i + 1] / scale, rgb[i + 2] / scale);
    lab[i] = colour.L;
    lab[i + 1] = colour.a;
    lab[i + 2] = colour.b;
  }
}

}  // namespace

Lab rgb_to_lab(double r, double g, double b) {
  r = linear_of_srgb(r);
  g = linear_of_srgb(g);
  b = linear_of_srgb(b);
  double x = lab_curve((0.412453 * r + 0.357580 * g + 0.180423 * b) / 0.95047);
  double y = lab_curve(0.212671 * r + 0.715160 * g + 0.072169 * b);
  double z = lab_curve((0.019334 * r + 0.119193 * g + 0.950227 * b) / 1.08883);
  return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

void rgb_to_lab(std::span<const double> rgb, std::span<double> lab) { convert(rgb, lab, 1.0); }
void rgb_to_lab(std::span<const uint8_t> rgb, std::span<double> lab) { convert(rgb, lab, 255.0); }

}  // namespace cuunet
