// A square canvas for drawn scenes. Points are in units of the side: (0, 0) is the top left corner, (1, 1) the bottom
// right one, so that a scene looks the same at every size. Colours are sRGB values in 0 … 1.
#pragma once

#include "engine/io/image.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace cuunet::scenes {

struct Point {
  double x, y;
};
inline Point operator-(Point a, Point b) { return {a.x - b.x, a.y - b.y}; }
inline Point operator+(Point a, Point b) { return {a.x + b.x, a.y + b.y}; }
inline Point operator*(Point a, double s) { return {a.x * s, a.y * s}; }
inline double length(Point p) { return std::sqrt(p.x * p.x + p.y * p.y); }
inline Point rotated(Point p, double angle) {
  double c = std::cos(angle), s = std::sin(angle);
  return {c * p.x - s * p.y, s * p.x + c * p.y};
}

struct Colour {
  double r, g, b;
};
inline Colour operator*(Colour c, double s) { return {c.r * s, c.g * s, c.b * s}; }
inline Colour operator+(Colour c, double s) { return {c.r + s, c.g + s, c.b + s}; }
inline double mix(double a, double b, double t) { return a + (b - a) * t; }
inline Colour mix(Colour a, Colour b, double t) { return {mix(a.r, b.r, t), mix(a.g, b.g, t), mix(a.b, b.b, t)}; }
inline double smoothstep(double low, double high, double x) {
  double t = std::clamp((x - low) / (high - low), 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

struct Box {
  double left, top, right, bottom;
};
inline Box around(Point centre, double radius) {
  return {centre.x - radius, centre.y - radius, centre.x + radius, centre.y + radius};
}
constexpr Box kEverything{0, 0, 1, 1};

class Canvas {
 public:
  explicit Canvas(int64_t size) : size_(size), pixels_(static_cast<size_t>(size * size), Colour{0, 0, 0}) {}

  double pixel() const { return 1.0 / static_cast<double>(size_); }

  // The part of a pixel that lies inside, for a signed distance that is negative inside.
  double cover(double distance) const { return std::clamp(0.5 - distance * static_cast<double>(size_), 0.0, 1.0); }

  // canvas = mix(canvas, shade(p), alpha(p)) at the pixels of a box. shade is called only where alpha is above 0.
  template <class Alpha, class Shade>
  void blend(const Box& box, const Alpha& alpha, const Shade& shade) {
    int64_t left = first_pixel(box.left), right = end_pixel(box.right);
    for (int64_t y = first_pixel(box.top), bottom = end_pixel(box.bottom); y < bottom; ++y) {
      for (int64_t x = left; x < right; ++x) {
        Point p{(static_cast<double>(x) + 0.5) * pixel(), (static_cast<double>(y) + 0.5) * pixel()};
        double a = alpha(p);
        if (a <= 0) continue;
        Colour& target = pixels_[static_cast<size_t>(y * size_ + x)];
        target = mix(target, shade(p), a);
      }
    }
  }

  // Fills the inside of a signed distance.
  template <class Distance, class Shade>
  void fill(const Box& box, const Distance& distance, const Shade& shade) {
    blend(
        box, [&](Point p) { return cover(distance(p)); }, shade);
  }

  Image image() const;

 private:
  int64_t first_pixel(double edge) const {
    return std::clamp<int64_t>(static_cast<int64_t>(std::floor(edge * static_cast<double>(size_))) - 1, 0, size_);
  }
  int64_t end_pixel(double edge) const {
    return std::clamp<int64_t>(static_cast<int64_t>(std::ceil(edge * static_cast<double>(size_))) + 1, 0, size_);
  }

  int64_t size_;
  std::vector<Colour> pixels_;
};

}  // namespace cuunet::scenes
