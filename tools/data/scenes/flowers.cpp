#include "tools/data/scenes/noise.h"
#include "tools/data/scenes/objects.h"
#include "tools/data/scenes/solid.h"

#include <numbers>

namespace cuunet::scenes {

namespace {
constexpr double kPi = std::numbers::pi;
}

void draw_sunflower(Canvas& canvas, Setting& setting, Point centre, double radius) {
  double light = setting.random.uniform(0.75, 1.1) * setting.brightness, turn = setting.random.uniform(0, 1);
  uint32_t seed = setting.random.word();
  draw_leaf(canvas, setting, centre, {centre.x - 1.25 * radius, centre.y + 0.55 * radius});
  draw_leaf(canvas, setting, centre, {centre.x + 1.2 * radius, centre.y + 0.75 * radius});
  for (int ring = 0; ring < 2; ++ring) {
    auto petal = [=](double angle) { return std::abs(std::sin(7 * (angle + turn) + ring * kPi / 2)); };
    double reach = ring == 0 ? 1.0 : 0.9;
    canvas.fill(
        around(centre, 1.1 * radius),
        [&](Point p) {
          Point q = p - centre;
          return length(q) - radius * reach * (0.5 + 0.5 * std::sqrt(petal(std::atan2(q.y, q.x))));
        },
        [&](Point p) {
          Point q = (p - centre) * (1 / radius);
          double ridge = petal(std::atan2(q.y, q.x)), r = length(q);
          return mix(Colour{0.93, 0.52, 0.04}, Colour{1.0, 0.84, 0.10}, ridge * smoothstep(0.3, 0.8, r)) *
                 (light * (ring == 0 ? 0.8 : 1.0));
        });
  }
  canvas.fill(
      around(centre, 0.5 * radius), [&](Point p) { return length(p - centre) - 0.44 * radius; },
      [&](Point p) {
        Point q = (p - centre) * (1 / radius);
        double seeds = nearest_point(11 * q.x, 11 * q.y, seed).distance, rim = smoothstep(0.2, 0.44, length(q));
        return mix(Colour{0.25, 0.13, 0.05}, Colour{0.55, 0.30, 0.09}, (0.9 - seeds) * (0.5 + 0.5 * rim)) * light;
      });
}

void draw_poppy(Canvas& canvas, Setting& setting, Point centre, double radius) {
  double light = setting.random.uniform(0.75, 1.15) * setting.brightness, turn = setting.random.uniform(0, kPi);
  uint32_t seed = setting.random.word();
  fill_stroke(canvas, centre, {centre.x + 0.2 * radius, centre.y + 1.6 * radius}, 0.05 * radius, [&](Point) {
    return Colour{0.22, 0.45, 0.15} * setting.brightness;
  });
  canvas.fill(
      around(centre, 1.1 * radius),
      [&](Point p) {
        Point q = p - centre;
        double lobes = std::abs(std::cos(2 * (std::atan2(q.y, q.x) + turn)));
        return length(q) - radius * (0.72 + 0.28 * std::sqrt(lobes));
      },
      [&](Point p) {
        Point q = (p - centre) * (1 / radius);
        double angle = std::atan2(q.y, q.x) + turn, r = length(q);
        double crease = 1 - 0.35 * smoothstep(0.25, 0.0, std::abs(std::cos(2 * angle)));
        double crumple = 0.9 + 0.15 * value_noise(12 * angle, 2 * r, seed);
        Colour petal = mix(Colour{0.72, 0.03, 0.03}, Colour{0.97, 0.20, 0.10}, smoothstep(0.2, 0.9, r));
        Colour heart = mix(Colour{0.08, 0.07, 0.10}, Colour{0.35, 0.40, 0.22}, smoothstep(0.14, 0.10, r));
        return mix(heart, petal * (crease * crumple), smoothstep(0.24, 0.32, r)) * light;
      });
}

void draw_starfish(Canvas& canvas, Setting& setting, Point centre, double radius) {
  double light = setting.random.uniform(0.75, 1.15) * setting.brightness, turn = setting.random.uniform(0, kPi);
  uint32_t seed = setting.random.word();
  cast_shadow(canvas, setting, {centre.x, centre.y + 0.15 * radius}, 0.8 * radius);
  auto arm = [=](Point q) { return 0.5 + 0.5 * std::cos(5 * (std::atan2(q.y, q.x) + turn)); };
  canvas.fill(
      around(centre, 1.1 * radius),
      [&](Point p) {
        Point q = p - centre;
        double a = arm(q);
        return 0.6 * (length(q) - radius * (0.34 + 0.66 * a * a));
      },
      [&](Point p) {
        Point q = (p - centre) * (1 / radius);
        double ridge = std::pow(arm(q), 3.0), knob = nearest_point(9 * q.x, 9 * q.y, seed).distance;
        Colour skin = mix(Colour{0.80, 0.25, 0.12}, Colour{1.0, 0.50, 0.28}, 0.25 + 0.7 * ridge);
        return mix(Colour{1.0, 0.80, 0.62}, skin, smoothstep(0.10, 0.24, knob)) * light;
      });
}

}  // namespace cuunet::scenes
