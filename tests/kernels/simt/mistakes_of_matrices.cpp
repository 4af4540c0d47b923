// Mistakes with ldmatrix and mma.
#include "tests/kernels/simt/mistakes.h"

namespace cuunet::simt {
namespace {

int lane() { return static_cast<int>(threadIdx.x % 32); }
void keep(auto value) { result[threadIdx.x] = static_cast<float>(value); }

struct Halves {
  uint16_t element[32][8];  // four matrices of 8 × 8
};

// Element (r, c) of matrix m is 64m + 8r + c.
Halves& numbered() {
  auto& shared = block_shared<Halves>();
  for (int i = static_cast<int>(threadIdx.x); i < 256; i += static_cast<int>(blockDim.x)) {
    shared.element[i / 8][i % 8] = static_cast<uint16_t>(i);
  }
  __syncthreads();
  return shared;
}
// Register 1 of lane l: row l / 4, column 2(l % 4) of matrix 1.
float loaded_element(int t) { return static_cast<float>(64 + 8 * (t / 4) + 2 * (t % 4)); }

__global__ void load_in_branch() {
  Halves& shared = numbered();
  uint32_t fragment[4];
  if (lane() < 8) ldmatrix_x4<false>(fragment, shared.element[lane()]);
}
__global__ void load_in_short_warp() {
  uint32_t fragment[4];
  ldmatrix_x4<false>(fragment, numbered().element[lane()]);
}
__global__ void load_past_struct() {
  uint32_t fragment[4];
  ldmatrix_x4<false>(fragment, numbered().element[lane() + 1]);
}
__global__ void load_from_global() {
  alignas(16) static const uint16_t global[8] = {};
  uint32_t fragment[4];
  ldmatrix_x4<false>(fragment, global);
}
__global__ void load_misaligned() {
  uint32_t fragment[4];
  ldmatrix_x4<false>(fragment, &numbered().element[lane() / 2][4]);
}
__global__ void load_half_transposed() {
  const uint16_t* row = numbered().element[lane()];
  uint32_t fragment[4];
  lane() < 16 ? ldmatrix_x4<true>(fragment, row) : ldmatrix_x4<false>(fragment, row);
}
template <bool mistaken>
__global__ void load_without_barrier() {
  auto& shared = block_shared<Halves>();
  unsigned row = (63 - threadIdx.x) / 2, first = threadIdx.x % 2 * 4;  // half a row that the other warp loads
  for (unsigned c = first; c < first + 4; ++c) shared.element[row][c] = static_cast<uint16_t>(8 * row + c);
  if (!mistaken) __syncthreads();
  uint32_t fragment[4];
  ldmatrix_x4<false>(fragment, shared.element[lane()]);
  keep(fragment[1] & 0xFFFFu);
}
template <int flipped>
__global__ void load_rows() {
  uint32_t fragment[4];
  ldmatrix_x4<false>(fragment, numbered().element[lane() ^ flipped]);
  keep(fragment[1] & 0xFFFFu);
}
template <bool transposed>
__global__ void load_whole() {
  uint32_t fragment[4];
  ldmatrix_x4<transposed>(fragment, numbered().element[lane()]);
  keep(fragment[1] & 0xFFFFu);
}

// Fragments of A = row number, B = 1: the sum of lane l's first element is depth · (l / 4).
template <int I, int J>
struct Product {
  float sum[I][J][4] = {};
  uint32_t a[I][4], b[J][2];

  explicit Product(bool bf16) {
    for (int e = 0; e < 4; ++e) {
      float row = static_cast<float>(lane() / 4 + e % 2 * 8);
      for (auto& tile : a) tile[e] = bf16 ? to_bf16_bits(row) * 0x10001u : __float_as_uint(row);
    }
    for (auto& tile : b) tile[0] = tile[1] = bf16 ? 0x3F803F80u : __float_as_uint(1.0f);
  }
  void bf16(Place place = Place::here()) { mma_bf16<I, J>(sum, a, b, place); }
  void tf32(Place place = Place::here()) { mma_tf32<I, J>(sum, a, b, place); }
};

__global__ void bf16_in_branch() {
  if (lane() != 5) Product<1, 1>(true).bf16();
}
__global__ void bf16_in_short_warp() { Product<1, 1>(true).bf16(); }
__global__ void bf16_of_unlike_tiles() { lane() < 31 ? Product<1, 2>(true).bf16() : Product<1, 1>(true).bf16(); }
__global__ void bf16_against_tf32() { lane() < 31 ? Product<1, 1>(true).bf16() : Product<1, 1>(false).tf32(); }
template <bool mistaken>
__global__ void bf16_rows() {
  Product<1, 1> product(true);
  if (mistaken) std::swap(product.a[0][0], product.a[0][1]);
  product.bf16();
  keep(product.sum[0][0][0]);
}

__global__ void tf32_after_return() {
  if (lane() == 31) return;
  Product<2, 1>(false).tf32();
}
__global__ void tf32_at_two_lines() {
  if (lane() < 16)
    Product<1, 1>(false).tf32();
  else
    Product<1, 1>(false).tf32();
}
__global__ void tf32_of_unlike_tiles() { lane() == 0 ? Product<2, 1>(false).tf32() : Product<1, 1>(false).tf32(); }
template <bool mistaken>
__global__ void tf32_rows() {
  Product<1, 1> product(false);
  if (mistaken) std::swap(product.a[0][2], product.a[0][3]);
  product.tf32();
  keep(product.sum[0][0][0]);
}
// 1 + 2^-11 + 2^-12 rounds up to 1 + 2^-10; the instruction alone drops the bits.
template <bool mistaken>
__global__ void tf32_rounded() {
  Product<1, 1> product(false);
  uint32_t factor = __float_as_uint(1 + 0x3p-12f);
  for (auto& bits : product.b[0]) bits = mistaken ? factor : to_tf32(factor);
  product.tf32();
  keep(product.sum[0][0][0]);
}

const Refused refused[] = {
    {"ldmatrix_x4", "in a branch", run<load_in_branch>, {"ldmatrix_x4<false> at", "return"}},
    {"ldmatrix_x4", "in a warp of 16", run<load_in_short_warp, 48>, {"ldmatrix_x4<false> with", "has only lanes"}},
    {"ldmatrix_x4",
     "past the struct",
     run<load_past_struct>,
     {"ldmatrix reads 16 bytes that are not in shared memory"}},
    {"ldmatrix_x4", "from global memory", run<load_from_global>, {"ldmatrix reads 16 bytes that are not in shared"}},
    {"ldmatrix_x4", "half a row on", run<load_misaligned>, {"ldmatrix reads a row that is not 16-byte aligned"}},
    {"ldmatrix_x4",
     "half transposed",
     run<load_half_transposed>,
     {"ldmatrix_x4<true> with", "ldmatrix_x4<false> with"}},
    {"mma_bf16", "without one lane", run<bf16_in_branch>, {"mma_bf16 at", "return"}},
    {"mma_bf16", "in a warp of 16", run<bf16_in_short_warp, 48>, {"mma_bf16 with", "has only lanes 0x0000ffff"}},
    {"mma_bf16", "another tile in one lane", run<bf16_of_unlike_tiles>, {"multiplies 1 x 2 tiles, lane 31 1 x 1"}},
    {"mma_bf16", "tf32 in one lane", run<bf16_against_tf32>, {"mma_bf16 with", "mma_tf32 with"}},
    {"mma_tf32", "after a lane's return", run<tf32_after_return>, {"mma_tf32 at", "return"}},
    {"mma_tf32", "two lines", run<tf32_at_two_lines>, {"calls mma_tf32", "wait in mma_tf32"}},
    {"mma_tf32", "another tile in one lane", run<tf32_of_unlike_tiles>, {"multiplies 2 x 1 tiles, lane 1 1 x 1"}},
};

const WrongNumbers wrong_numbers[] = {
    {"ldmatrix_x4", "no barrier", run<load_without_barrier<true>>, run<load_without_barrier<false>>, loaded_element},
    {"ldmatrix_x4", "rows of another matrix", run<load_rows<8>>, run<load_rows<0>>, loaded_element},
    {"ldmatrix_x4", "transposed", run<load_whole<true>>, run<load_whole<false>>, loaded_element},
    {"mma_bf16", "rows swapped", run<bf16_rows<true>>, run<bf16_rows<false>>,
     [](int t) { return 16.0f * static_cast<float>(t / 4); }},
    {"mma_tf32", "rows swapped", run<tf32_rows<true>>, run<tf32_rows<false>>,
     [](int t) { return 8.0f * static_cast<float>(t / 4); }},
    {"mma_tf32", "operands not rounded", run<tf32_rounded<true>>, run<tf32_rounded<false>>,
     [](int t) { return 8 * (1 + 0x1p-10f) * static_cast<float>(t / 4); }},
};

TEST_CASE("simt refuses mistakes with matrix instructions") {
  for (const Refused& row : refused) check(row);
}

TEST_CASE("simt shows mistakes with matrix instructions in the numbers") {
  for (const WrongNumbers& row : wrong_numbers) check(row);
}

TEST_CASE("simt: every matrix instruction has its mistakes") {
  const std::vector<std::string_view> all{"ldmatrix_x4", "mma_bf16", "mma_tf32"};
  check_named(all, refused);
  check_named(all, wrong_numbers);
}

}  // namespace
}  // namespace cuunet::simt
