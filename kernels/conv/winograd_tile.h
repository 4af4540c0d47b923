// One tile of F(2×2, 3×3), 16 channels at a time: see conv2d_winograd.h.
#pragma once

#include "kernels/device/register_lanes.h"

#include <cstdint>

namespace cuunet::winograd {

using WideLanes [[gnu::vector_size(64), gnu::aligned(64), gnu::may_alias]] = double;
using AllWideLanes [[gnu::vector_size(128), gnu::aligned(64), gnu::may_alias]] = double;
using HalfLanes [[gnu::vector_size(32), gnu::aligned(32), gnu::may_alias]] = float;

// Where the cell (r, s) of a transformed tile is kept: the last is (1, 1), which is kept in double.
constexpr int64_t cells = 16, float_cells = 15;
constexpr int64_t place_of(int64_t r, int64_t s) { return (r * 4 + s + 10) % cells; }

// As many floats as a register holds, and zeros in place of those from `lanes` on.
template <Isa isa>
inline typename Register<float, isa>::type load(const float* from, int64_t lanes) {
  using Floats = typename Register<float, isa>::type;
  constexpr int64_t width = register_lanes<float, isa>;
  if (lanes >= width) return *reinterpret_cast<const typename Register<float, isa>::anywhere*>(from);
  Floats value = {};
  for (int64_t i = 0; i < lanes; ++i) value[i] = from[i];
  return value;
}

// Bᵀ d B of one tile and a register of channels; cells of `to` are `stride` floats apart.
template <Isa isa>
inline void transform_inputs(const float* const* rows, int64_t channel, int64_t lanes, float* to, int64_t stride,
                             double* wide) {
  using Floats = typename Register<float, isa>::type;
  Floats half[4][4];
#pragma GCC unroll 4
  for (int64_t s = 0; s < 4; ++s) {
    Floats a = load<isa>(rows[s] + channel, lanes), b = load<isa>(rows[4 + s] + channel, lanes),
           c = load<isa>(rows[8 + s] + channel, lanes), d = load<isa>(rows[12 + s] + channel, lanes);
    half[0][s] = a - c, half[1][s] = b + c, half[2][s] = c - b, half[3][s] = b - d;
  }
#pragma GCC unroll 4
  for (int64_t r = 0; r < 4; ++r) {
    auto cell = [=](int64_t s) -> Floats& { return *reinterpret_cast<Floats*>(to + place_of(r, s) * stride); };
    Floats a = half[r][0], b = half[r][1], c = half[r][2], d = half[r][3];
    cell(0) = a - c, cell(2) = c - b, cell(3) = b - d;
    if (r != 1) cell(1) = b + c;
  }
  // The cell (1, 1), in double
  const float *a = rows[5] + channel, *b = rows[9] + channel, *c = rows[6] + channel, *d = rows[10] + channel;
  constexpr int64_t width = register_lanes<float, isa>;
  for (int64_t i = 0; i < width; ++i) {
    wide[i] = i < lanes ? (static_cast<double>(a[i]) + static_cast<double>(b[i])) +
                              (static_cast<double>(c[i]) + static_cast<double>(d[i]))
                        : 0;
  }
}

// Aᵀ m A of one tile and register, cells `stride` registers apart.
template <class Floats>
inline void transform_products(const Floats* m, int64_t stride, Floats (&tile)[2][2]) {
  Floats half[2][4];
#pragma GCC unroll 4
  for (int64_t s = 0; s < 4; ++s) {
    auto cell = [=](int64_t r) { return m[place_of(r, s) * stride]; };
    Floats a = cell(0), b = cell(1), c = cell(2), d = cell(3);
    half[0][s] = a + b + c, half[1][s] = b - c - d;
  }
#pragma GCC unroll 2
  for (int64_t r = 0; r < 2; ++r) {
    tile[r][0] = half[r][0] + half[r][1] + half[r][2];
    tile[r][1] = half[r][1] - half[r][2] - half[r][3];
  }
}

}  // namespace cuunet::winograd
