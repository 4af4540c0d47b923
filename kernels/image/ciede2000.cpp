#include "kernels/image/ciede2000.h"

#include "kernels/device/error.h"

#include <cmath>
#include <numbers>

namespace cuunet {

namespace {

constexpr double kDegree = std::numbers::pi / 180;

double seventh_power(double x) { return x * x * x * x * x * x * x; }

// In degrees, [0, 360); 0 for a neutral colour.
double hue_of(double a, double b) {
  if (a == 0 && b == 0) return 0;
  double degrees = std::atan2(b, a) / kDegree;
  return degrees < 0 ? degrees + 360 : degrees;
}

// The shorter way round; 0 where one colour is neutral.
double hue_difference(double h1, double h2, bool neutral) {
  if (neutral) return 0;
  double difference = h2 - h1;
  if (difference > 180) return difference - 360;
  if (difference < -180) return difference + 360;
  return difference;
}

double mean_hue(double h1, double h2, bool neutral) {
  if (neutral) return h1 + h2;
  if (std::abs(h1 - h2) <= 180) return (h1 + h2) / 2;
  return h1 + h2 < 360 ? (h1 + h2 + 360) / 2 : (h1 + h2 - 360) / 2;
}

template <class T>
double mean_over_pixels(std::span<const T> first, std::span<const T> second, double scale) {
  if (first.size() != second.size() || first.empty() || first.size() % 3 != 0) {
    throw ShapeError("ciede2000: expected two pictures of one size, 3 values per pixel, got {} and {} values",
                     first.size(), second.size());
  }
  auto lab = [scale](const T* p) { return rgb_to_lab(p[0] / scale, p[1] / scale, p[2] / scale); };
  double sum = 0;
  for (size_t i = 0; i < first.size(); i += 3) sum += ciede2000(lab(&first[i]), lab(&second[i]));
  return sum / (static_cast<double>(first.size()) / 3);
}

}  // namespace

double ciede2000(const Lab& first, const Lab& second) {
  double mean_chroma = (std::hypot(first.a, first.b) + std::hypot(second.a, second.b)) / 2;
  double power = seventh_power(mean_chroma);
  double stretch = 1 + 0.5 * (1 - std::sqrt(power / (power + seventh_power(25))));
  double a1 = stretch * first.a, a2 = stretch * second.a;
  double c1 = std::hypot(a1, first.b), c2 = std::hypot(a2, second.b);
  double h1 = hue_of(a1, first.b), h2 = hue_of(a2, second.b);
  bool neutral = c1 * c2 == 0;

  double delta_l = second.L - first.L, delta_c = c2 - c1;
  double delta_h = 2 * std::sqrt(c1 * c2) * std::sin(hue_difference(h1, h2, neutral) / 2 * kDegree);

  double l = (first.L + second.L) / 2, c = (c1 + c2) / 2, h = mean_hue(h1, h2, neutral);
  double t = 1 - 0.17 * std::cos((h - 30) * kDegree) + 0.24 * std::cos(2 * h * kDegree) +
             0.32 * std::cos((3 * h + 6) * kDegree) - 0.20 * std::cos((4 * h - 63) * kDegree);
  double l50 = (l - 50) * (l - 50);
  double s_l = 1 + 0.015 * l50 / std::sqrt(20 + l50), s_c = 1 + 0.045 * c, s_h = 1 + 0.015 * c * t;
  double c7 = seventh_power(c), blue = (h - 275) / 25;
  double rotation = -2 * std::sqrt(c7 / (c7 + seventh_power(25))) * std::sin(60 * std::exp(-blue * blue) * kDegree);

  double dl = delta_l / s_l, dc = delta_c / s_c, dh = delta_h / s_h;
  return std::sqrt(std::max(0.0, dl * dl + dc * dc + dh * dh + rotation * dc * dh));
}

double mean_ciede2000(std::span<const double> first, std::span<const double> second) {
  return mean_over_pixels(first, second, 1.0);
}

double mean_ciede2000(std::span<const uint8_t> first, std::span<const uint8_t> second) {
  return mean_over_pixels(first, second, 255.0);
}

}  // namespace cuunet
