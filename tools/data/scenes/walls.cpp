#include "tools/data/scenes/materials.h"
#include "tools/data/scenes/noise.h"

namespace cuunet::scenes {

namespace {

// Where a coordinate lies in a row of cells: which cell, and the distance to the nearest seam in units of a cell.
struct Cell {
  double index, seam;
};
Cell cell_of(double x) {
  double index = std::floor(x), t = x - index;
  return {index, std::min(t, 1 - t)};
}

// Wood whose grain runs along x: planks of height 1 in y.
Colour wood_at(double x, double y, uint32_t seed, double seam_width) {
  Cell plank = cell_of(y);
  double tone = cell_value(3, static_cast<int64_t>(plank.index), seed);
  double bend = 0.35 * value_noise(0.6 * x + 5 * tone, plank.index, seed + 1);
  double grain =
      value_noise(0.7 * x + 9 * tone, 7 * (y + bend), seed + 2) + 0.6 * value_noise(1.5 * x, 15 * (y + bend), seed + 3);
  Colour colour = mix(Colour{0.47, 0.24, 0.09}, Colour{0.83, 0.52, 0.24}, std::clamp(0.5 + 0.4 * grain, 0.0, 1.0));
  double seam = smoothstep(0.2 * seam_width, seam_width, plank.seam);
  return colour * (0.85 + 0.3 * tone) * mix(0.45, 1, seam);
}

}  // namespace

Point on_plane(Point p, double edge, double camera_height) {
  if (edge <= 0) return p;
  double depth = camera_height / (p.y - edge + camera_height);
  return {0.5 + (p.x - 0.5) * depth, edge + 1.6 * camera_height * (1 - depth)};
}

Material bricks(Setting& setting) {
  double rows = setting.random.uniform(8, 12), light = setting.draw_brightness(0.75, 1.2);
  uint32_t seed = setting.random.word();
  return [=](Point p) {
    double y = p.y * rows, row = std::floor(y);
    double x = p.x * rows * 0.45 + 0.5 * (static_cast<int64_t>(row) & 1);
    double seam = std::min(cell_of(y).seam, cell_of(x).seam / 0.45);
    double tone = cell_value(x, row, seed);
    Colour brick = mix(Colour{0.60, 0.19, 0.11}, Colour{0.85, 0.40, 0.24}, tone);
    brick = brick * (0.95 + 0.12 * value_noise(p.x * 50, p.y * 50, seed + 1));
    return mix(Colour{0.85, 0.78, 0.70}, brick, smoothstep(0.05, 0.17, seam)) * light;
  };
}

Material tiles(Setting& setting) {
  double rows = setting.random.uniform(5, 8), light = setting.draw_brightness(0.6, 1.1);
  double shift_x = setting.random.unit(), shift_y = setting.random.unit(), from = setting.light_x;
  uint32_t seed = setting.random.word();
  return [=](Point p) {
    double x = p.x * rows + shift_x, y = p.y * rows + shift_y;
    double seam = std::min(cell_of(x).seam, cell_of(y).seam);
    double u = x - std::floor(x) - 0.5, v = y - std::floor(y) - 0.5;
    double gloss = 0.12 * (u * from - v) + 0.16 * smoothstep(0.2, 0.05, length({u - 0.25 * from, v + 0.25}));
    Colour glaze = mix(Colour{0.10, 0.55, 0.60}, Colour{0.22, 0.72, 0.72}, cell_value(x, y, seed)) + gloss;
    return mix(Colour{0.90, 0.92, 0.90}, glaze, smoothstep(0.02, 0.07, seam)) * light;
  };
}

Material panelling(Setting& setting) {
  double count = setting.random.uniform(5, 8), light = setting.draw_brightness(0.65, 1.1);
  uint32_t seed = setting.random.word();
  return [=](Point p) { return wood_at(p.y * count, p.x * count, seed, 0.1) * light; };
}

Material polka_paper(Setting& setting) {
  double rows = setting.random.uniform(7, 10), light = setting.draw_brightness(0.65, 1.05);
  return [=](Point p) {
    double y = p.y * rows, row = std::floor(y), x = p.x * rows + 0.5 * (static_cast<int64_t>(row) & 1);
    double dot = length({x - std::floor(x) - 0.5, y - row - 0.5});
    return mix(Colour{0.97, 0.93, 0.99}, Colour{0.58, 0.42, 0.80}, smoothstep(0.20, 0.30, dot)) * light;
  };
}

Material plaster(Setting& setting) {
  double light = setting.draw_brightness(0.65, 1.05);
  uint32_t seed = setting.random.word();
  return [=](Point p) {
    double along = p.x + p.y, across = p.x - p.y;
    double trowel = fractal_noise(5 * along, 18 * across, seed) + 0.6 * fractal_noise(18 * along, 5 * across, seed + 5);
    return mix(Colour{0.80, 0.58, 0.27}, Colour{0.99, 0.84, 0.52}, std::clamp(0.55 + 0.5 * trowel, 0.0, 1.0)) * light;
  };
}

Material roof_tiles(Setting& setting) {
  double rows = setting.random.uniform(11, 14), light = setting.draw_brightness(0.75, 1.15);
  uint32_t seed = setting.random.word();
  return [=](Point p) {
    double y = p.y * rows, row = std::floor(y), x = p.x * rows + 0.5 * (static_cast<int64_t>(row) & 1);
    double u = 2 * (x - std::floor(x)) - 1, v = y - row;
    double rim = v - 0.55 * std::sqrt(std::max(0.0, 1 - u * u)) - 0.35;  // below the scale's round end: the next row
    double shade = mix(0.55 + 0.5 * v, 0.5, smoothstep(0, 0.1, rim)) + 0.25 * (1 - u * u);
    return mix(Colour{0.88, 0.36, 0.14}, Colour{1.0, 0.52, 0.26}, cell_value(x, row, seed)) * shade * light;
  };
}

Material planks(Setting& setting, double edge) {
  double count = setting.random.uniform(5, 8), light = setting.draw_brightness(0.6, 1.15);
  uint32_t seed = setting.random.word();
  return [=](Point p) {
    Point q = on_plane(p, edge, 0.7);
    return wood_at(q.x * count, q.y * count * 1.2, seed, 0.1) * light;
  };
}

Material gingham(Setting& setting, double edge) {
  double count = setting.random.uniform(9, 13), light = setting.draw_brightness(0.6, 1.05);
  return [=](Point p) {
    Point q = on_plane(p, edge, 0.7);
    auto thread = [&](double x) { return smoothstep(0.1, 0.9, 0.5 + 2 * std::sin(2 * 3.14159265 * x)); };
    double red = (thread(q.x * count / 2) + thread(q.y * count / 2)) / 2;
    return mix(Colour{1.0, 0.96, 0.93}, Colour{0.85, 0.10, 0.13}, red) * light;
  };
}

Material striped_cloth(Setting& setting, double edge) {
  double count = setting.random.uniform(6, 9), light = setting.draw_brightness(0.6, 1.05);
  double slant = setting.random.uniform(-0.5, 0.5);
  uint32_t seed = setting.random.word();
  return [=](Point p) {
    Point q = on_plane(p, edge, 0.7);
    double wave = std::sin(2 * 3.14159265 * count * (q.x + slant * q.y));
    double weave = 1 + 0.06 * value_noise(q.x * 60, q.y * 60, seed);
    return mix(Colour{0.95, 0.96, 0.99}, Colour{0.12, 0.28, 0.75}, smoothstep(-0.25, 0.25, wave)) * light * weave;
  };
}

}  // namespace cuunet::scenes
