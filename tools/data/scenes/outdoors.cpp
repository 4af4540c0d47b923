#include "tools/data/scenes/noise.h"
#include "tools/data/scenes/objects.h"
#include "tools/data/scenes/solid.h"

#include <numbers>

namespace cuunet::scenes {

namespace {

constexpr double kPi = std::numbers::pi;

double box_distance(Point p, const Box& box) {
  return std::max({box.left - p.x, p.x - box.right, box.top - p.y, p.y - box.bottom});
}

template <class Shade>
void fill_box(Canvas& canvas, const Box& box, const Shade& shade) {
  canvas.fill(
      box, [&](Point p) { return box_distance(p, box); }, shade);
}

void draw_trunk(Canvas& canvas, Setting& setting, Point foot, double height, double half_width) {
  uint32_t seed = setting.random.word();
  double light = setting.brightness * setting.random.uniform(0.8, 1.2);
  canvas.fill(
      {foot.x - 2 * half_width, foot.y - height, foot.x + 2 * half_width, foot.y + half_width},
      [&](Point p) {
        double flare = 1 + 0.8 * smoothstep(0.75 * height, 1.05 * height, p.y - foot.y + height);
        return std::max(std::abs(p.x - foot.x) - half_width * flare, p.y - foot.y - 0.3 * half_width);
      },
      [&](Point p) {
        double bark = value_noise(3 * (p.x - foot.x) / half_width, 0.7 * p.y / half_width, seed);
        double round = 1 - 0.4 * std::pow((p.x - foot.x) / half_width, 2.0) * 0.5;
        return Colour{0.44, 0.28, 0.16} * (light * round * (0.95 + 0.35 * bark));
      });
}

// A crown of overlapping balls of leaves or flowers, dark below and on the far side.
void draw_crown(Canvas& canvas, Setting& setting, Point centre, double radius, const Material& leaves) {
  for (int i = 0; i < 9; ++i) {
    double angle = i == 8 ? 0 : i * kPi / 4 + setting.random.uniform(-0.2, 0.2), far = i == 8 ? 0 : 0.52;
    Point ball{centre.x + radius * far * std::cos(angle) * 1.15, centre.y + radius * far * std::sin(angle) * 0.85};
    double size = radius * setting.random.uniform(0.42, 0.56);
    uint32_t seed = setting.random.word();
    canvas.fill(
        around(ball, 1.2 * size),
        [&](Point p) {
          double ragged = value_noise(p.x * 9 / radius, p.y * 9 / radius, seed);
          return length(p - ball) - size * (1 + 0.12 * ragged);
        },
        [&](Point p) {
          Point q = (p - centre) * (1 / radius), local = (p - ball) * (1 / size);
          double side = 0.5 * (q.x * setting.light_x - q.y) + 0.3 * (local.x * setting.light_x - local.y);
          return leaves(p) * std::clamp(0.85 + 0.4 * side, 0.4, 1.25);
        });
  }
}

}  // namespace

void draw_tree(Canvas& canvas, Setting& setting, Point centre, double radius) {
  cast_shadow(canvas, setting, {centre.x, centre.y + 0.98 * radius}, 0.5 * radius);
  draw_trunk(canvas, setting, {centre.x, centre.y + radius}, 1.1 * radius, 0.11 * radius);
  draw_crown(canvas, setting, {centre.x, centre.y - 0.3 * radius}, 0.75 * radius, foliage(setting));
}

void draw_cherry_tree(Canvas& canvas, Setting& setting, Point centre, double radius) {
  cast_shadow(canvas, setting, {centre.x, centre.y + 0.98 * radius}, 0.5 * radius);
  draw_trunk(canvas, setting, {centre.x, centre.y + radius}, 1.1 * radius, 0.09 * radius);
  draw_crown(canvas, setting, {centre.x, centre.y - 0.3 * radius}, 0.75 * radius, blossom(setting));
}

void draw_fir(Canvas& canvas, Setting& setting, Point centre, double radius) {
  double light = setting.brightness * setting.random.uniform(0.7, 1.5);
  uint32_t seed = setting.random.word();
  draw_trunk(canvas, setting, {centre.x, centre.y + radius}, 0.4 * radius, 0.08 * radius);
  for (int tier = 3; tier >= 0; --tier) {
    double top = centre.y + radius * (-1.0 + 0.36 * tier), height = radius * (0.5 + 0.08 * tier);
    double half = radius * (0.24 + 0.12 * tier);
    canvas.fill(
        {centre.x - half, top, centre.x + half, top + height},
        [&](Point p) {
          double t = (p.y - top) / height;
          double sag = 0.06 * radius * std::abs(std::sin(9 * (p.x - centre.x) / half));
          return std::max(0.75 * (std::abs(p.x - centre.x) - half * t), p.y - top - height + sag);
        },
        [&](Point p) {
          double needles = value_noise(5 * (p.x - centre.x) / half, (p.y - top) * 14 / radius, seed);
          double t = std::clamp((p.y - top) / height, 0.0, 1.0);
          double side = 0.25 * setting.light_x * (p.x - centre.x) / half;
          return mix(Colour{0.04, 0.26, 0.20}, Colour{0.16, 0.52, 0.38},
                     std::clamp(t - 0.2 + 0.4 * needles, 0.0, 1.0)) *
                 (light * (0.9 + side));
        });
  }
}

void draw_house(Canvas& canvas, Setting& setting, Point centre, double radius) {
  double half = 0.85 * radius, eaves = centre.y - 0.1 * radius, foot = centre.y + radius;
  double ridge = centre.y - radius;
  Material wall = setting.random.unit() < 0.5 ? bricks(setting) : plaster(setting);
  Material roof = roof_tiles(setting);
  cast_shadow(canvas, setting, {centre.x, foot}, radius);
  // The textures are drawn finer than on a wall close by.
  fill_box(canvas, {centre.x - half, eaves, centre.x + half, foot}, [&](Point p) { return wall(p * 1.3); });
  canvas.fill(
      {centre.x - 1.15 * half, ridge, centre.x + 1.15 * half, eaves + 0.08 * radius},
      [&](Point p) {
        double t = (p.y - ridge) / (eaves + 0.08 * radius - ridge);
        return std::max(
            {std::abs(p.x - centre.x) - half * mix(0.62, 1.15, t), ridge - p.y, p.y - eaves - 0.08 * radius});
      },
      [&](Point p) { return roof(p * 1.3); });
  Colour frame = Colour{0.97, 0.95, 0.90} * setting.brightness, glass = Colour{0.22, 0.36, 0.52} * setting.brightness;
  for (double x : {-0.52, 0.52}) {
    Point window{centre.x + x * half, centre.y + 0.38 * radius};
    double side = 0.2 * radius;
    fill_box(canvas, around(window, side), [&](Point) { return frame; });
    fill_box(canvas, around(window, 0.75 * side), [&](Point p) {
      Point q = (p - window) * (1 / side);
      return std::min(std::abs(q.x), std::abs(q.y)) < 0.1 ? frame : mix(glass, frame, 0.3 * (0.5 - q.y));
    });
  }
  Box door{centre.x - 0.15 * half, centre.y + 0.42 * radius, centre.x + 0.15 * half, foot};
  fill_box(canvas, door, [&](Point p) {
    double board = std::abs(std::sin(3 * kPi * (p.x - door.left) / (door.right - door.left)));
    return Colour{0.50, 0.28, 0.12} * (setting.brightness * mix(0.6, 1, smoothstep(0.1, 0.4, board)));
  });
}

void draw_balloon(Canvas& canvas, Setting& setting, Point centre, double radius) {
  double light = setting.brightness * setting.random.uniform(0.8, 1.15);
  Point middle{centre.x, centre.y - 0.2 * radius};
  double size = 0.78 * radius;
  for (double x : {-0.2, 0.2}) {
    fill_stroke(canvas, {middle.x + 1.6 * x * size, middle.y + 0.85 * size},
                {middle.x + 0.7 * x * size, middle.y + 1.3 * size}, 0.012 * radius, [](Point) {
                  return Colour{0.25, 0.2, 0.15};
                });
  }
  fill_solid(
      canvas, setting, middle, size, 1.35,
      [](double angle) {
        double d = std::remainder(angle - kPi / 2, 2 * kPi) / 0.55;
        return 1 + 0.16 * std::exp(-d * d);
      },
      [&](Point local, Shading shading) {
        double across = std::asin(std::clamp(local.x / std::sqrt(std::max(0.05, 1 - local.y * local.y)), -1.0, 1.0));
        double gore = std::sin(5 * across + kPi / 2);
        Colour cloth = mix(Colour{0.99, 0.80, 0.16}, Colour{0.88, 0.14, 0.16}, smoothstep(-0.2, 0.2, gore));
        return mix(cloth * shading.diffuse, Colour{1, 1, 1}, 0.25 * shading.highlight) * light;
      });
  Box basket{middle.x - 0.17 * size, middle.y + 1.28 * size, middle.x + 0.17 * size, middle.y + 1.5 * size};
  fill_box(canvas, basket, [&](Point p) {
    double weave = std::sin(60 * (p.x - middle.x) / size) * std::sin(60 * (p.y - middle.y) / size);
    return Colour{0.58, 0.36, 0.17} * (light * (0.9 + 0.25 * weave));
  });
}

void draw_sailboat(Canvas& canvas, Setting& setting, Point centre, double radius) {
  double light = std::min(1.05, setting.brightness * setting.random.uniform(0.85, 1.1));
  double water = centre.y + 0.85 * radius, lean = setting.random.unit() < 0.5 ? -1 : 1;
  auto sail = [&](double side, double width, double top) {
    canvas.fill(
        {centre.x - radius, centre.y - radius, centre.x + radius, centre.y + radius},
        [&](Point p) {
          double x = (p.x - centre.x) * side, t = (p.y - (centre.y - top * radius)) / ((0.45 + top) * radius);
          return std::max({0.04 * radius - x, 0.8 * (x - width * radius * std::pow(std::max(t, 0.0), 0.8)),
                           p.y - centre.y - 0.45 * radius});
        },
        [&](Point p) {
          double seam = std::abs(std::sin(9 * (p.y - centre.y) / radius));
          return Colour{0.99, 0.97, 0.92} * (light * (0.86 + 0.12 * smoothstep(0, 0.3, seam) - 0.1 * side * lean));
        });
  };
  sail(lean, 0.72, 1.0);
  sail(-lean, 0.5, 0.75);
  fill_stroke(canvas, {centre.x, centre.y - radius}, {centre.x, centre.y + 0.6 * radius}, 0.025 * radius, [](Point) {
    return Colour{0.3, 0.2, 0.12};
  });
  canvas.fill(
      {centre.x - 0.9 * radius, centre.y + 0.5 * radius, centre.x + 0.9 * radius, water},
      [&](Point p) {
        double t = std::clamp((p.y - centre.y - 0.55 * radius) / (0.3 * radius), 0.0, 1.0);
        return std::max(
            {std::abs(p.x - centre.x) - radius * (0.85 - 0.3 * t * t), centre.y + 0.55 * radius - p.y, p.y - water});
      },
      [&](Point p) {
        double t = (p.y - centre.y - 0.55 * radius) / (0.3 * radius);
        return mix(Colour{0.62, 0.32, 0.14}, Colour{0.36, 0.16, 0.07}, t) * (light * (t < 0.25 ? 1.25 : 1.0));
      });
}

}  // namespace cuunet::scenes
