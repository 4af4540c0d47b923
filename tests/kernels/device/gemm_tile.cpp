// One block's matrix product by every arithmetic, tile and order of depth, through loaders and pipeline.
#include "kernels/device/gemm_operand.cuh"
#include "kernels/device/philox.h"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <vector>

namespace cuunet::simt {
namespace {

// c[row][column] = Σ_k a · b of the block's tile, from the rows, columns and depth that the operands have.
template <class Gemm>
__global__ void tile_product(GemmOperand<typename Gemm::T> a, GemmOperand<typename Gemm::T> b, int steps, float* c) {
  Gemm gemm;
  OperandLoaders<Gemm> load(a, b, 0, 0, 0);
  run_pipeline(gemm, steps, load);
  gemm.each_pair([&](int row, int column, float first, float second) {
    c[row * Gemm::Tile::BN + column] = first;
    c[row * Gemm::Tile::BN + column + 1] = second;
  });
}

// A matrix [line][k], stored with the depth innermost or outermost, NaN where nothing may be read.
template <class T>
struct Matrix {
  std::vector<T> memory;
  GemmOperand<T> operand;

  Matrix(int lines, int depth, bool outer, bool aligned, const std::function<float(int, int)>& value) {
    int rows = outer ? depth : lines, columns = outer ? lines : depth, start = aligned ? 0 : 1;
    int pitch = aligned ? (columns + 7) / 8 * 8 + 8 : columns + 3;
    memory.assign(static_cast<size_t>(start + rows * pitch + 8), from_float<T>(std::nanf("")));
    size_t first = static_cast<size_t>(start);
    while (reinterpret_cast<uintptr_t>(memory.data() + first) % 16 != (aligned ? 0 : sizeof(T))) ++first;
    operand = {memory.data() + first, pitch, rows, columns, aligned};
    for (int r = 0; r < rows; ++r) {
      for (int c = 0; c < columns; ++c) {
        memory[first + static_cast<size_t>(r * pitch + c)] = from_float<T>(outer ? value(c, r) : value(r, c));
      }
    }
  }
};

struct Problem {
  int rows, columns, depth;
  bool aligned;
  const char* why;
};

const Problem problems[] = {
    {16, 64, 64, true, "whole tiles and stages"},
    {13, 61, 200, true, "rows, columns and depth that end within a tile"},
    {5, 3, 7, true, "less than one stage"},
    {11, 33, 90, false, "rows that start anywhere: element by element"},
};

// Small integers, whose sums and products every arithmetic has exactly.
float whole_a(int m, int k) { return static_cast<float>((7 * m + 3 * k) % 11 - 5); }
float whole_b(int n, int k) { return static_cast<float>((5 * n + 2 * k) % 9 - 4); }

template <class Gemm>
std::vector<float> product_of(const Matrix<typename Gemm::T>& a, const Matrix<typename Gemm::T>& b, int depth,
                              ThreadOrder order) {
  std::vector<float> c(static_cast<size_t>(Gemm::Tile::BM * Gemm::Tile::BN), -1.0f);
  int steps = (depth + Gemm::depth - 1) / Gemm::depth;
  launch<tile_product<Gemm>>({1, gemm_threads, Gemm::shared_bytes, {order}}, a.operand, b.operand, steps, c.data());
  return c;
}

template <class Math, class Tile, Depth a_depth, Depth b_depth>
void check_products() {
  using Gemm = GemmTile<Math, Tile, a_depth, b_depth>;
  for (const Problem& p : problems) {
    CAPTURE(p.why);
    Matrix<typename Gemm::T> a(p.rows, p.depth, Gemm::a_outer, p.aligned, whole_a);
    Matrix<typename Gemm::T> b(p.columns, p.depth, Gemm::b_outer, p.aligned, whole_b);
    for (ThreadOrder order : {ThreadOrder::forward, ThreadOrder::reverse, ThreadOrder::shuffled}) {
      std::vector<float> c = product_of<Gemm>(a, b, p.depth, order);
      int wrong = 0;
      for (int m = 0; m < Tile::BM; ++m) {
        for (int n = 0; n < Tile::BN; ++n) {
          float expected = 0;  // also beyond the matrices
          for (int k = 0; k < p.depth && m < p.rows && n < p.columns; ++k) expected += whole_a(m, k) * whole_b(n, k);
          wrong += c[static_cast<size_t>(m * Tile::BN + n)] != expected;
        }
      }
      CHECK(wrong == 0);
    }
  }
}

template <class Math, class Tile>
void check_depths() {
  check_products<Math, Tile, Depth::inner, Depth::inner>();
  check_products<Math, Tile, Depth::inner, Depth::outer>();
  check_products<Math, Tile, Depth::outer, Depth::inner>();
  check_products<Math, Tile, Depth::outer, Depth::outer>();
}

TEST_CASE("gemm_tile: bf16 products") { check_depths<Bf16Math, SmallTile>(), check_depths<Bf16Math, LargeTile>(); }
TEST_CASE("gemm_tile: tf32 products") { check_depths<Tf32Math, SmallTile>(), check_depths<Tf32Math, LargeTile>(); }
TEST_CASE("gemm_tile: f32 products") { check_depths<F32Math, SmallTile>(), check_depths<F32Math, LargeTile>(); }

// 4,608 products, as 512 channels of 3 × 3 have, in runs of 16: (16 + 288) / 2 roundings of a whole sum, in squares,
// against 4,608 / 2 in one running sum, which would be four times as far off.
TEST_CASE("gemm_tile: in plain f32 a long sum is 3.2e-7 off") {
  using Gemm = GemmTile<F32Math, SmallTile, Depth::inner>;
  constexpr int rows = 16, columns = 64, depth = 4608;
  RandomStream random(1, Purpose::scenes);
  std::vector<float> values(static_cast<size_t>((rows + columns) * depth));
  for (float& value : values) value = static_cast<float>(random.normal());
  auto a_at = [&](int m, int k) { return values[static_cast<size_t>(m * depth + k)]; };
  auto b_at = [&](int n, int k) { return values[static_cast<size_t>((rows + n) * depth + k)]; };
  Matrix<float> a(rows, depth, false, true, a_at), b(columns, depth, false, true, b_at);
  std::vector<float> c = product_of<Gemm>(a, b, depth, ThreadOrder::forward);
  double error = 0, size = 0;
  for (int m = 0; m < rows; ++m) {
    for (int n = 0; n < columns; ++n) {
      double exact = 0;
      for (int k = 0; k < depth; ++k) exact += static_cast<double>(a_at(m, k)) * static_cast<double>(b_at(n, k));
      double off = static_cast<double>(c[static_cast<size_t>(m * columns + n)]) - exact;
      error += off * off;
      size += exact * exact;
    }
  }
  CHECK(std::sqrt(error / size) < 3.5e-7);
}

}  // namespace
}  // namespace cuunet::simt
