// Rounded things: a silhouette given by its radius in each direction, shaded as if it bulged towards the viewer.
#pragma once

#include "tools/data/scenes/canvas.h"
#include "tools/data/scenes/materials.h"

namespace cuunet::scenes {

// Light on a ball at a point (u, v) of the unit disc: diffuse in about 0.35 … 1.1, and the highlight in 0 … 1.
struct Shading {
  double diffuse, highlight;
};
inline Shading shade_ball(Point local, double light_x) {
  double z = std::sqrt(std::max(0.0, 1 - local.x * local.x - local.y * local.y));
  double lx = 0.6 * light_x, ly = -0.55, lz = 0.7, norm = std::sqrt(lx * lx + ly * ly + lz * lz);
  double facing = (local.x * lx + local.y * ly + z * lz) / norm;
  double hx = lx / norm, hy = ly / norm, hz = lz / norm + 1, half = std::sqrt(hx * hx + hy * hy + hz * hz);
  double mirror = std::max(0.0, (local.x * hx + local.y * hy + z * hz) / half);
  return {0.42 + 0.68 * std::max(0.0, facing), std::pow(mirror, 40)};
}

// radius_at(angle): in units of `radius`, angle 0 to the right, growing clockwise. shade(local, shading): local is the
// point in units of the silhouette's radius in its direction, so that its length is 1 on the rim.
template <class RadiusAt, class Shade>
void fill_solid(Canvas& canvas, const Setting& setting, Point centre, double radius, double reach,
                const RadiusAt& radius_at, const Shade& shade) {
  auto rim = [&](Point q) { return radius * radius_at(std::atan2(q.y, q.x)); };
  canvas.fill(
      around(centre, radius * reach), [&](Point p) { return length(p - centre) - rim(p - centre); },
      [&](Point p) {
        Point q = p - centre, local = q * (1 / rim(q));
        return shade(local, shade_ball(local, setting.light_x));
      });
}

// A soft shadow on what lies below.
inline void cast_shadow(Canvas& canvas, const Setting& setting, Point foot, double radius) {
  Point centre{foot.x - 0.35 * setting.light_x * radius, foot.y};
  canvas.blend(
      {centre.x - 1.5 * radius, centre.y - radius, centre.x + 1.5 * radius, centre.y + radius},
      [&](Point p) {
        double d = length({(p.x - centre.x) / 1.25, (p.y - centre.y) / 0.36}) / radius;
        return 0.55 * smoothstep(1.1, 0.45, d);
      },
      [](Point) {
        return Colour{0.05, 0.04, 0.05};
      });
}

// A stroke with round ends from a to b.
template <class Shade>
void fill_stroke(Canvas& canvas, Point a, Point b, double half_width, const Shade& shade) {
  Box box{std::min(a.x, b.x) - half_width, std::min(a.y, b.y) - half_width, std::max(a.x, b.x) + half_width,
          std::max(a.y, b.y) + half_width};
  Point along = b - a;
  double squared = along.x * along.x + along.y * along.y;
  canvas.fill(
      box,
      [&](Point p) {
        Point q = p - a;
        double t = squared > 0 ? std::clamp((q.x * along.x + q.y * along.y) / squared, 0.0, 1.0) : 0.0;
        return length(q - along * t) - half_width;
      },
      shade);
}

// A leaf: an ellipse with pointed ends, from its stem to its tip.
inline void draw_leaf(Canvas& canvas, const Setting& setting, Point stem, Point tip) {
  Point along = tip - stem, middle = (stem + tip) * 0.5;
  double half = length(along) / 2, angle = std::atan2(along.y, along.x);
  canvas.fill(
      around(middle, 1.1 * half),
      [&](Point p) {
        Point q = rotated(p - middle, -angle) * (1 / half);
        return half * (std::abs(q.y) - 0.42 * (1 - q.x * q.x));
      },
      [&](Point p) {
        Point q = rotated(p - middle, -angle) * (1 / half);
        double vein = smoothstep(0.12, 0.02, std::abs(q.y));
        return mix(Colour{0.16, 0.45, 0.10}, Colour{0.45, 0.72, 0.25}, 0.4 + 0.5 * vein - 0.5 * q.y) *
               setting.brightness;
      });
}

}  // namespace cuunet::scenes
