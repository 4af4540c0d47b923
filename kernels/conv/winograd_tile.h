// One tile of F(2×2, 3×3), 16 channels at a time: see conv2d_winograd.h.
#pragma once

#include <cstdint>

namespace cuunet::winograd {

constexpr int64_t lane_count = 16;
using Lanes [[gnu::vector_size(64), gnu::aligned(64), gnu::may_alias]] = float;
using AnyLanes [[gnu::vector_size(64), gnu::aligned(4), gnu::may_alias]] = float;  // at any address
using WideLanes [[gnu::vector_size(64), gnu::aligned(64), gnu::may_alias]] = double;
using AllWideLanes [[gnu::vector_size(128), gnu::aligned(64), gnu::may_alias]] = double;
using HalfLanes [[gnu::vector_size(32), gnu::aligned(32), gnu::may_alias]] = float;

// Where the cell (r, s) of a transformed tile is kept: the last is (1, 1), which is kept in double.
constexpr int64_t cells = 16, float_cells = 15;
constexpr int64_t place_of(int64_t r, int64_t s) { return (r * 4 + s + 10) % cells; }

// `lanes` floats and zeros behind them.
inline Lanes load(const float* from, int64_t lanes) {
  if (lanes >= lane_count) return *reinterpret_cast<const AnyLanes*>(from);
  Lanes value = {};
  for (int64_t i = 0; i < lanes; ++i) value[i] = from[i];
  return value;
}

// Bᵀ d B of one tile and 16 channels; cells of `to` are `stride` floats apart.
inline void transform_inputs(const float* const* rows, int64_t channel, int64_t lanes, float* to, int64_t stride,
                             AllWideLanes& wide) {
  Lanes half[4][4];
  wide = AllWideLanes{};
#pragma GCC unroll 4
  for (int64_t s = 0; s < 4; ++s) {
    Lanes a = load(rows[s] + channel, lanes), b = load(rows[4 + s] + channel, lanes),
          c = load(rows[8 + s] + channel, lanes), d = load(rows[12 + s] + channel, lanes);
    half[0][s] = a - c, half[1][s] = b + c, half[2][s] = c - b, half[3][s] = b - d;
    if (s == 1 || s == 2) wide += __builtin_convertvector(b, AllWideLanes) + __builtin_convertvector(c, AllWideLanes);
  }
#pragma GCC unroll 4
  for (int64_t r = 0; r < 4; ++r) {
    auto cell = [=](int64_t s) -> Lanes& { return *reinterpret_cast<Lanes*>(to + place_of(r, s) * stride); };
    Lanes a = half[r][0], b = half[r][1], c = half[r][2], d = half[r][3];
    cell(0) = a - c, cell(2) = c - b, cell(3) = b - d;
    if (r != 1) cell(1) = b + c;
  }
}

// Aᵀ m A of one tile and vector, cells `stride` apart.
inline void transform_products(const Lanes* m, int64_t stride, Lanes (&tile)[2][2]) {
  Lanes half[2][4];
#pragma GCC unroll 4
  for (int64_t s = 0; s < 4; ++s) {
    auto cell = [=](int64_t r) { return m[place_of(r, s) * stride]; };
    Lanes a = cell(0), b = cell(1), c = cell(2), d = cell(3);
    half[0][s] = a + b + c, half[1][s] = b - c - d;
  }
#pragma GCC unroll 2
  for (int64_t r = 0; r < 2; ++r) {
    tile[r][0] = half[r][0] + half[r][1] + half[r][2];
    tile[r][1] = half[r][1] - half[r][2] - half[r][3];
  }
}

}  // namespace cuunet::winograd
