#include "tools/data/scenes/noise.h"
#include "tools/data/scenes/objects.h"
#include "tools/data/scenes/solid.h"

#include <numbers>

namespace cuunet::scenes {

namespace {

constexpr double kPi = std::numbers::pi;
constexpr Colour kWhite{1, 1, 1};

// How close an angle is to another: 1 there, falling off over `width`.
double bump(double angle, double centre, double width) {
  double d = std::remainder(angle - centre, 2 * kPi) / width;
  return std::exp(-d * d);
}

Colour lit(Colour colour, Shading shading, const Setting& setting, double gloss = 0.6) {
  return mix(colour * shading.diffuse, kWhite, gloss * shading.highlight) * std::min(setting.brightness, 1.15);
}

// Yellow and orange skins turn amber in the shade, not olive.
Colour lit_warm(Colour colour, Shading shading, const Setting& setting, double gloss) {
  double amber = std::pow(std::min(shading.diffuse, 1.0), 0.35);
  return lit({colour.r, colour.g * amber, colour.b * amber}, shading, setting, gloss);
}

void draw_stem(Canvas& canvas, const Setting& setting, Point foot, Point tip, double half_width) {
  fill_stroke(canvas, foot, tip, half_width, [&](Point) { return Colour{0.36, 0.22, 0.09} * setting.brightness; });
}

// One cup of green sepals at the top of a berry.
void draw_sepals(Canvas& canvas, const Setting& setting, Point top, double radius) {
  for (double x : {-1.0, -0.55, 0.0, 0.55, 1.0}) {
    draw_leaf(canvas, setting, top, {top.x + x * radius, top.y + radius * (0.15 + 0.35 * (1 - x * x))});
  }
}

}  // namespace

void draw_apple(Canvas& canvas, Setting& setting, Point centre, double radius) {
  double light = setting.random.uniform(0.8, 1.15);
  uint32_t seed = setting.random.word();
  cast_shadow(canvas, setting, {centre.x, centre.y + 0.85 * radius}, radius);
  fill_solid(
      canvas, setting, centre, radius, 1.2,
      [](double angle) { return 1 - 0.30 * bump(angle, -kPi / 2, 0.42) - 0.10 * bump(angle, kPi / 2, 0.3); },
      [&](Point local, Shading shading) {
        double streak = value_noise(9 * std::atan2(local.x, 1.6 + local.y), 1.5 * local.y, seed);
        double dimple = smoothstep(0.55, 0.1, length({local.x, local.y + 0.82}));
        Colour skin = mix(Colour{0.86, 0.09, 0.10}, Colour{0.95, 0.42, 0.18}, smoothstep(0.2, 0.9, streak));
        return lit(mix(skin, Colour{0.75, 0.62, 0.15}, 0.8 * dimple) * light, shading, setting);
      });
  Point dent{centre.x, centre.y - 0.66 * radius};
  draw_stem(canvas, setting, dent, {dent.x + 0.10 * radius, dent.y - 0.45 * radius}, 0.06 * radius);
  draw_leaf(canvas, setting, {dent.x + 0.06 * radius, dent.y - 0.2 * radius},
            {dent.x + 0.75 * radius, dent.y - 0.48 * radius});
}

void draw_orange(Canvas& canvas, Setting& setting, Point centre, double radius) {
  double light = setting.random.uniform(0.7, 1.1);
  uint32_t seed = setting.random.word();
  cast_shadow(canvas, setting, {centre.x, centre.y + 0.85 * radius}, radius);
  Point navel{setting.random.uniform(-0.4, 0.4), setting.random.uniform(-0.6, -0.2)};
  fill_solid(
      canvas, setting, centre, radius, 1.1, [](double) { return 1.0; },
      [&](Point local, Shading shading) {
        double pores = nearest_point(9 * local.x, 9 * local.y, seed).distance;
        double star = smoothstep(0.16, 0.08, length(local - navel));
        Colour peel = Colour{1.0, 0.55, 0.06} * (0.84 + 0.28 * smoothstep(0.1, 0.4, pores));
        return lit_warm(mix(peel, Colour{0.30, 0.42, 0.12}, star) * light, shading, setting, 0.35);
      });
}

void draw_lemon(Canvas& canvas, Setting& setting, Point centre, double radius) {
  double light = setting.random.uniform(0.8, 1.1), tilt = setting.random.uniform(-0.5, 0.5);
  uint32_t seed = setting.random.word();
  cast_shadow(canvas, setting, {centre.x, centre.y + 0.68 * radius}, radius);
  fill_solid(
      canvas, setting, centre, radius, 1.4,
      [=](double angle) {
        double a = angle - tilt, c = std::cos(a), s = std::sin(a) / 0.74;
        return 1 / std::sqrt(c * c + s * s) + 0.24 * bump(a, 0, 0.2) + 0.18 * bump(a, kPi, 0.2);
      },
      [&](Point local, Shading shading) {
        double pores = value_noise(11 * local.x, 11 * local.y, seed);
        return lit_warm(Colour{1.0, 0.90, 0.15} * ((0.95 + 0.07 * pores) * light), shading, setting, 0.4);
      });
}

void draw_pear(Canvas& canvas, Setting& setting, Point centre, double radius) {
  double light = setting.random.uniform(0.7, 1.1);
  uint32_t seed = setting.random.word();
  Point belly{centre.x, centre.y + 0.25 * radius};
  cast_shadow(canvas, setting, {belly.x, belly.y + 0.72 * radius}, 0.85 * radius);
  fill_solid(
      canvas, setting, belly, 0.8 * radius, 1.8,
      [](double angle) { return 1 + 0.62 * bump(angle, -kPi / 2, 0.40) - 0.06 * bump(angle, kPi / 2, 0.3); },
      [&](Point local, Shading shading) {
        double speckle = cell_value(14 * local.x, 14 * local.y, seed) > 0.82 ? 0.82 : 1.0;
        return lit(Colour{0.68, 0.80, 0.20} * (speckle * light), shading, setting, 0.35);
      });
  Point top{belly.x, belly.y - 1.22 * radius};
  draw_stem(canvas, setting, top, {top.x - 0.1 * radius, top.y - 0.3 * radius}, 0.055 * radius);
}

void draw_grapes(Canvas& canvas, Setting& setting, Point centre, double radius) {
  double light = setting.random.uniform(0.8, 1.35), berry = 0.27 * radius;
  cast_shadow(canvas, setting, {centre.x, centre.y + 0.85 * radius}, 0.8 * radius);
  Point top{centre.x, centre.y - 0.75 * radius};
  draw_stem(canvas, setting, top, {top.x + 0.05 * radius, top.y - 0.4 * radius}, 0.05 * radius);
  for (int row = 0; row < 5; ++row) {
    int count = row == 0 ? 3 : 5 - row;
    for (int i = 0; i < count; ++i) {
      Point berry_centre{centre.x + (i - (count - 1) / 2.0) * 0.43 * radius + 0.04 * radius * setting.random.unit(),
                         centre.y + (row - 2.0) * 0.36 * radius};
      double tone = light * setting.random.uniform(0.8, 1.15);
      fill_solid(
          canvas, setting, berry_centre, berry, 1.1, [](double) { return 1.0; },
          [&](Point, Shading shading) {
            return lit(Colour{0.48, 0.17, 0.58} * tone, shading, setting, 0.7);
          });
    }
  }
  draw_leaf(canvas, setting, top, {top.x + 0.7 * radius, top.y - 0.15 * radius});
  draw_leaf(canvas, setting, top, {top.x - 0.55 * radius, top.y - 0.25 * radius});
}

void draw_banana(Canvas& canvas, Setting& setting, Point centre, double radius) {
  double light = setting.random.uniform(0.8, 1.1), mirror = setting.random.unit() < 0.5 ? -1 : 1;
  cast_shadow(canvas, setting, {centre.x, centre.y + 0.5 * radius}, radius);
  Point hub{centre.x, centre.y - 0.85 * radius};
  auto bend = [&](Point p) {  // along the fruit in -1 … 1, and across it in units of its half width
    Point q{(p.x - hub.x) * mirror, p.y - hub.y};
    double along = (std::atan2(q.y, q.x) - kPi / 2 - 0.15) / 0.95;
    double half_width = 0.30 * std::sqrt(std::max(0.0, 1 - std::pow(std::abs(along), 3.0))) + 0.03;
    return Point{along, (length(q) / radius - 1.15) / half_width};
  };
  canvas.fill(
      around(centre, 1.3 * radius),
      [&](Point p) {
        Point q = bend(p);
        return std::max((std::abs(q.y) - 1) * 0.3, std::abs(q.x) - 1.04) * radius;
      },
      [&](Point p) {
        Point q = bend(p);
        double facet = 0.84 + 0.2 * smoothstep(0.25, 0.1, std::abs(q.y + 0.1)) + (q.y < -0.1 ? 0.08 : -0.08);
        double tip = smoothstep(0.86, 0.97, std::abs(q.x));
        Colour skin{1.0, 0.86 * std::sqrt(facet), 0.14};
        return mix(skin * facet, Colour{0.35, 0.25, 0.08}, tip) * light * setting.brightness;
      });
}

void draw_strawberry(Canvas& canvas, Setting& setting, Point centre, double radius) {
  double light = setting.random.uniform(0.8, 1.15);
  cast_shadow(canvas, setting, {centre.x, centre.y + 0.9 * radius}, 0.7 * radius);
  fill_solid(
      canvas, setting, centre, radius, 1.2,
      [](double angle) {
        return 0.80 + 0.22 * bump(angle, kPi / 2, 0.45) + 0.10 * bump(angle, -0.6, 0.5) +
               0.10 * bump(angle, kPi + 0.6, 0.5) - 0.12 * bump(angle, -kPi / 2, 0.5);
      },
      [&](Point local, Shading shading) {
        double y = 3.4 * local.y, row = std::floor(y), x = 3.4 * local.x + 0.5 * (static_cast<int64_t>(row) & 1);
        double seed = length({x - std::floor(x) - 0.5, 0.7 * (y - row - 0.5)});
        Colour flesh = Colour{0.88, 0.08, 0.13} * mix(0.72, 1, smoothstep(0.12, 0.28, seed));
        return lit(mix(Colour{0.98, 0.80, 0.35}, flesh, smoothstep(0.07, 0.14, seed)) * light, shading, setting);
      });
  draw_sepals(canvas, setting, {centre.x, centre.y - 0.72 * radius}, 0.62 * radius);
}

void draw_watermelon(Canvas& canvas, Setting& setting, Point centre, double radius) {
  double light = setting.random.uniform(0.75, 1.1) * setting.brightness, turn = setting.random.uniform(-0.25, 0.25);
  uint32_t seed = setting.random.word();
  cast_shadow(canvas, setting, {centre.x, centre.y + 0.6 * radius}, radius);
  Point middle{centre.x, centre.y - 0.45 * radius};
  double size = 1.15 * radius;
  canvas.fill(
      around(middle, 1.2 * size),
      [&](Point p) {
        Point q = rotated(p - middle, turn);
        return std::max(length(q) - size, -q.y);
      },
      [&](Point p) {
        Point q = rotated(p - middle, turn) * (1 / size);
        double r = length(q), angle = std::atan2(q.y, q.x);
        double seeds = length({8 * angle / kPi - std::floor(8 * angle / kPi) - 0.5, 3.5 * (r - 0.6)});
        double stripe = 0.8 + 0.25 * value_noise(22 * angle, 1, seed);
        Colour flesh = mix(Colour{0.93, 0.20, 0.25}, Colour{0.98, 0.38, 0.36}, r);
        flesh = mix(Colour{0.10, 0.06, 0.05}, flesh, smoothstep(0.16, 0.26, seeds));
        Colour inner = mix(flesh, Colour{0.93, 0.96, 0.80}, smoothstep(0.80, 0.85, r));
        return mix(inner, Colour{0.12, 0.45, 0.15} * stripe, smoothstep(0.89, 0.92, r)) * light;
      });
}

}  // namespace cuunet::scenes
