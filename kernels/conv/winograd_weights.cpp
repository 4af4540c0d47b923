#include "kernels/conv/winograd_weights.h"

#include "kernels/conv/pack_weights.h"
#include "kernels/conv/winograd_tile.h"
#include "kernels/device/parallel.h"

namespace cuunet::winograd {
namespace {

// G w Gᵀ of 16 output channels. taps: [9][stride], `to`: [15][stride] and [2][wide_stride]
inline void transform_weights(const float* taps, float* to, int64_t stride, double* wide, int64_t wide_stride) {
  AllWideLanes half[4][3];
  auto expand = [](AllWideLanes a, AllWideLanes b, AllWideLanes c, AllWideLanes& w, AllWideLanes& x, AllWideLanes& y,
                   AllWideLanes& z) {
    AllWideLanes outer = a + c;
    w = a, x = (outer + b) * 0.5, y = (outer - b) * 0.5, z = c;
  };
  auto tap = [=](int64_t r, int64_t s) {
    return __builtin_convertvector(*reinterpret_cast<const Lanes*>(taps + (r * 3 + s) * stride), AllWideLanes);
  };
#pragma GCC unroll 3
  for (int64_t s = 0; s < 3; ++s)
    expand(tap(0, s), tap(1, s), tap(2, s), half[0][s], half[1][s], half[2][s], half[3][s]);
#pragma GCC unroll 4
  for (int64_t r = 0; r < 4; ++r) {
    AllWideLanes row[4];
    expand(half[r][0], half[r][1], half[r][2], row[0], row[1], row[2], row[3]);
#pragma GCC unroll 4
    for (int64_t s = 0; s < 4; ++s) {
      int64_t place = place_of(r, s);
      if (place < float_cells) *reinterpret_cast<Lanes*>(to + place * stride) = __builtin_convertvector(row[s], Lanes);
    }
  }
  AllWideLanes outer = half[1][0] + half[1][2], sum = (outer + half[1][1]) * 0.5;
  for (int64_t i = 0; i < lane_count; ++i) wide[i / 8 * wide_stride + i % 8] = sum[i];
}

}  // namespace

TransformedWeights::TransformedWeights(Context& context, ConstView w)
    : TransformedWeights(context, w, round_up(w.n(), lane_count), w.c()) {}

TransformedWeights::TransformedWeights(Context& context, ConstView w, int64_t outputs, int64_t inputs)
    : floats(context, static_cast<size_t>(outputs * float_cells * inputs) * sizeof(float)),
      doubles(context, static_cast<size_t>(outputs * inputs) * sizeof(double)) {
  int64_t plane = inputs * lane_count;
  Workspace packed(context, static_cast<size_t>(outputs * 9 * inputs) * sizeof(float));
  BlockedWeights format{.block = lane_count,
                        .out = outputs,
                        .in = inputs,
                        .r = 3,
                        .s = 3,
                        .out_stride = 9 * plane,
                        .in_stride = lane_count,
                        .r_stride = 3 * plane,
                        .s_stride = plane};
  pack_weights(context, w, false, format, DType::f32, packed.as<float>());
  parallel_for(
      context, outputs / lane_count * inputs, 256,
      [=, from = packed.as<float>(), to = floats.as<float>(), wide = doubles.as<double>()](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          int64_t block = i / inputs, input = i % inputs;
          transform_weights(from + block * 9 * plane + input * lane_count,
                            to + block * float_cells * plane + input * lane_count, plane,
                            wide + block * plane + input * 8, inputs * 8);
        }
      });
}

}  // namespace cuunet::winograd
