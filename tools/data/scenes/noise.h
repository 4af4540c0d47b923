// Noise by position: the same point and seed give the same value, on every machine.
#pragma once

#include "tools/data/scenes/canvas.h"

#include <cmath>
#include <cstdint>

namespace cuunet::scenes {

// In [0, 1), one value per cell of the integer grid.
inline double cell_value(int64_t x, int64_t y, uint32_t seed) {
  uint32_t h = seed ^ (static_cast<uint32_t>(x) * 0x9E3779B1u) ^ (static_cast<uint32_t>(y) * 0x85EBCA77u);
  h = (h ^ (h >> 15)) * 0x2C1B3C6Du;
  h = (h ^ (h >> 12)) * 0x297A2D39u;
  return static_cast<double>(h ^ (h >> 15)) * 0x1p-32;
}
inline double cell_value(double x, double y, uint32_t seed) {
  return cell_value(static_cast<int64_t>(std::floor(x)), static_cast<int64_t>(std::floor(y)), seed);
}

// Smooth between the cells' values, in [-1, 1]; one feature per unit.
inline double value_noise(double x, double y, uint32_t seed) {
  double fx = std::floor(x), fy = std::floor(y), tx = x - fx, ty = y - fy;
  int64_t ix = static_cast<int64_t>(fx), iy = static_cast<int64_t>(fy);
  tx = tx * tx * (3 - 2 * tx);
  ty = ty * ty * (3 - 2 * ty);
  double top = mix(cell_value(ix, iy, seed), cell_value(ix + 1, iy, seed), tx);
  double bottom = mix(cell_value(ix, iy + 1, seed), cell_value(ix + 1, iy + 1, seed), tx);
  return 2 * mix(top, bottom, ty) - 1;
}

// Three octaves, each half as strong and twice as fine, in [-1, 1].
inline double fractal_noise(double x, double y, uint32_t seed) {
  return (value_noise(x, y, seed) + 0.5 * value_noise(2 * x + 7.3, 2 * y + 1.7, seed + 1) +
          0.25 * value_noise(4 * x + 3.1, 4 * y + 9.2, seed + 2)) /
         1.75;
}

// The nearest of the points scattered one per cell: its distance, and a value of its own in [0, 1).
struct NearestPoint {
  double distance, value;
};
inline NearestPoint nearest_point(double x, double y, uint32_t seed) {
  int64_t ix = static_cast<int64_t>(std::floor(x)), iy = static_cast<int64_t>(std::floor(y));
  NearestPoint nearest{9, 0};
  for (int64_t dy = -1; dy <= 1; ++dy) {
    for (int64_t dx = -1; dx <= 1; ++dx) {
      double px = static_cast<double>(ix + dx) + 0.15 + 0.7 * cell_value(ix + dx, iy + dy, seed);
      double py = static_cast<double>(iy + dy) + 0.15 + 0.7 * cell_value(ix + dx, iy + dy, seed + 1);
      double distance = length({px - x, py - y});
      if (distance < nearest.distance) nearest = {distance, cell_value(ix + dx, iy + dy, seed + 2)};
    }
  }
  return nearest;
}

}  // namespace cuunet::scenes
