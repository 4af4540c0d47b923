// The softmax of one contiguous row on the CPU, in a form that vectorises.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace cuunet {

// eˣ for x <= 0 to within 2 units in the last place: 2ⁿ · eʳ, |r| <= ln 2 / 2, eʳ by its Taylor polynomial (degree 7).
// Below -87 it is that of -87, 1.6e-38. NaN stays NaN.
inline float exp_of_nonpositive(float x) {
  constexpr float shifter = 12582912.0f;  // 1.5·2²³: adding it rounds to an integer, left in the low bits
  x = x < -87.0f ? -87.0f : x;
  float shifted = x * 1.44269504f + shifter, n = shifted - shifter;
  float r = (x - n * 0.693359375f) - n * -2.12194440e-4f;  // ln 2 in two parts
  float p = 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  return p * std::bit_cast<float>((std::bit_cast<uint32_t>(shifted) + 127u) << 23);
}
inline double exp_of_nonpositive(double x) { return std::exp(x); }

constexpr int64_t softmax_lanes = 16;  // partial maxima and sums side by side, combined in order

// row[i] = exp(row[i] - max) / Σ exp(row - max)
template <class A>
inline void softmax_row(A* row, int64_t n) {
  A largest[softmax_lanes], sum[softmax_lanes] = {};
  for (int64_t lane = 0; lane < softmax_lanes; ++lane) largest[lane] = row[0];
  int64_t whole = n / softmax_lanes * softmax_lanes;
  for (int64_t i = 0; i < whole; i += softmax_lanes) {
    for (int64_t lane = 0; lane < softmax_lanes; ++lane) {
      largest[lane] = row[i + lane] > largest[lane] ? row[i + lane] : largest[lane];
    }
  }
  for (int64_t i = whole; i < n; ++i) largest[0] = row[i] > largest[0] ? row[i] : largest[0];
  A top = largest[0];
  for (A value : largest) top = value > top ? value : top;
  for (int64_t i = 0; i < whole; i += softmax_lanes) {
    for (int64_t lane = 0; lane < softmax_lanes; ++lane) {
      row[i + lane] = exp_of_nonpositive(row[i + lane] - top);
      sum[lane] += row[i + lane];
    }
  }
  for (int64_t i = whole; i < n; ++i) sum[0] += row[i] = exp_of_nonpositive(row[i] - top);
  A total = 0;
  for (A value : sum) total += value;
  A scale = 1 / total;
  for (int64_t i = 0; i < n; ++i) row[i] *= scale;
}

}  // namespace cuunet
