// The emulated matrix instructions against plain loops, on integers that every format holds exactly.
#include "kernels/device/intrinsics.h"

#include <doctest/doctest.h>

#include <vector>

namespace cuunet::simt {
namespace {

// A: 32 × 16, B: 16 × 24 (or depth 8), row by row in global memory.
constexpr int rows = 32, columns = 24;

float a_value(int m, int k) { return static_cast<float>((m * 7 + k * 3) % 11 - 5); }
float b_value(int k, int n) { return static_cast<float>((k * 5 + n * 2) % 9 - 4); }

// Shared rows of 32 bytes for bf16 A [rows][16] and B transposed [columns][16], and B as it is [16][columns].
struct Operands {
  uint16_t a[rows][16];
  uint16_t b_transposed[columns + 8][16];
  uint16_t b[16][columns + 8];
};

__global__ void product_bf16(float* c, bool transposed) {
  auto& shared = block_shared<Operands>();
  int lane = static_cast<int>(threadIdx.x);
  for (int i = lane; i < 16 * rows; i += 32) shared.a[i / 16][i % 16] = to_bf16_bits(a_value(i / 16, i % 16));
  for (int i = lane; i < 16 * (columns + 8); i += 32) {
    int k = i % 16, n = i / 16;
    shared.b_transposed[n][k] = shared.b[k][n] = to_bf16_bits(n < columns ? b_value(k, n) : 0.0f);
  }
  __syncthreads();
  uint32_t a[2][4], b[4][2];
  for (int i = 0; i < 2; ++i) ldmatrix_x4<false>(a[i], &shared.a[16 * i + lane % 16][lane / 16 * 8]);
  for (int j = 0; j < 4; j += 2) {
    uint32_t fragment[4];
    if (transposed)
      ldmatrix_x4<true>(fragment, &shared.b[lane % 16][8 * j + lane / 16 * 8]);
    else
      ldmatrix_x4<false>(fragment, &shared.b_transposed[8 * j + lane % 8 + lane / 16 * 8][lane / 8 % 2 * 8]);
    for (int e = 0; e < 4; ++e) b[j + e / 2][e % 2] = fragment[e];
  }
  float sum[2][4][4] = {};
  mma_bf16<2, 4>(sum, a, b);
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 3; ++j) {
      for (int e = 0; e < 4; ++e) {
        c[(16 * i + lane / 4 + e / 2 * 8) * columns + 8 * j + lane % 4 * 2 + e % 2] = sum[i][j][e];
      }
    }
  }
}

// Fragments by the PTX manual's table for m16n8k8: a0 (g, t), a1 (g+8, t), a2 (g, t+4), a3 (g+8, t+4); b0 (t, g), b1
// (t+4, g).
__global__ void product_tf32(float* c) {
  int lane = static_cast<int>(threadIdx.x), g = lane / 4, t = lane % 4;
  uint32_t a[1][4] = {{__float_as_uint(a_value(g, t)), __float_as_uint(a_value(g + 8, t)),
                       __float_as_uint(a_value(g, t + 4)), __float_as_uint(a_value(g + 8, t + 4))}};
  uint32_t b[1][2] = {{__float_as_uint(b_value(t, g)), __float_as_uint(b_value(t + 4, g))}};
  float sum[1][1][4] = {{{1, 1, 1, 1}}};
  mma_tf32<1, 1>(sum, a, b);
  for (int e = 0; e < 4; ++e) c[(g + e / 2 * 8) * 8 + 2 * t + e % 2] = sum[0][0][e];
}

TEST_CASE("simt: ldmatrix and mma of bf16 give the product") {
  for (bool transposed : {false, true}) {
    std::vector<float> c(rows * columns, -1.0f);
    launch<product_bf16>({1, 32, 0, {ThreadOrder::shuffled}}, c.data(), transposed);
    for (int m = 0; m < rows; ++m) {
      for (int n = 0; n < columns; ++n) {
        float expected = 0;
        for (int k = 0; k < 16; ++k) expected += a_value(m, k) * b_value(k, n);
        CHECK(c[static_cast<size_t>(m * columns + n)] == expected);
      }
    }
  }
}

TEST_CASE("simt: mma of tf32 adds the product") {
  std::vector<float> c(16 * 8, -1.0f);
  launch<product_tf32>({1, 32, 0, {ThreadOrder::reverse}}, c.data());
  for (int m = 0; m < 16; ++m) {
    for (int n = 0; n < 8; ++n) {
      float expected = 1;
      for (int k = 0; k < 8; ++k) expected += a_value(m, k) * b_value(k, n);
      CHECK(c[static_cast<size_t>(m * 8 + n)] == expected);
    }
  }
}

TEST_CASE("simt: rounding to tf32 and bf16") {
  auto tf32 = [](float v) { return __uint_as_float(to_tf32(__float_as_uint(v))); };
  CHECK(tf32(1.0f + 0x1p-11f) == 1.0f + 0x1p-10f);  // ties go away from zero
  CHECK(tf32(-1.0f - 0x1p-11f) == -1.0f - 0x1p-10f);
  CHECK(tf32(1.0f + 0x1.FFp-12f) == 1.0f);
  CHECK(to_bf16_bits(1.0f + 0x1p-8f) == 0x3F80);  // ties go to even
  CHECK(to_bf16_bits(1.0f + 0x3p-8f) == 0x3F82);
}

}  // namespace
}  // namespace cuunet::simt
