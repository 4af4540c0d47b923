// One operand of a matrix product where it lies in memory, and its copies into the stages of gemm_tile.cuh.
#pragma once

#include "kernels/device/gemm_tile.cuh"

namespace cuunet::CUUNET_TARGET {

// A matrix of contiguous rows: [m or n][k] when the depth is innermost, [k][m or n] when it is outermost.
template <class T>
struct GemmOperand {
  const T* data;
  int64_t pitch;  // elements from one row to the next
  int rows, columns;
  bool aligned;  // every row starts at 16 bytes
};

// What a thread copies of an operand: always the same 16-byte column, several rows. Beyond the matrix it reads zeros.
template <class T, int stage_rows, int stage_columns, int pitch, bool outer>
struct OperandLoader {
  static constexpr int chunk = pack_size<T>, chunks = stage_columns / chunk, rows_per_pass = gemm_threads / chunks;
  static constexpr int passes = (stage_rows + rows_per_pass - 1) / rows_per_pass;

  GemmOperand<T> from;
  int row, column;        // of the stage
  int at_row, at_column;  // of the matrix

  // The stage that starts at row or column `line` of the product and at `depth`.
  __device__ OperandLoader(const GemmOperand<T>& operand, int line, int depth) : from(operand) {
    row = static_cast<int>(threadIdx.x) / chunks;
    column = static_cast<int>(threadIdx.x) % chunks * chunk;
    at_row = (outer ? depth : line) + row;
    at_column = (outer ? line : depth) + column;
  }

  // Copies this stage and goes on to the next.
  __device__ __forceinline__ void operator()(T* shared) {
#pragma unroll
    for (int i = 0; i < passes; ++i) {
      if (stage_rows % rows_per_pass != 0 && row + i * rows_per_pass >= stage_rows) break;
      int r = at_row + i * rows_per_pass;
      bool read = r < from.rows && at_column < from.columns;
      load_chunk(shared + (row + i * rows_per_pass) * pitch + column,
                 from.data + (read ? r * from.pitch + at_column : 0), read ? from.columns - at_column : 0, from.data,
                 from.aligned);
    }
    if (outer)
      at_row += stage_rows;
    else
      at_column += stage_columns;
  }
};

template <class Gemm>
using LoaderOfA = OperandLoader<typename Gemm::T, Gemm::a_outer ? Gemm::depth : Gemm::Tile::BM,
                                Gemm::a_outer ? Gemm::Tile::BM : Gemm::depth, Gemm::pitch_a, Gemm::a_outer>;
template <class Gemm>
using LoaderOfB = OperandLoader<typename Gemm::T, Gemm::b_outer ? Gemm::depth : Gemm::Tile::BN,
                                Gemm::b_outer ? Gemm::Tile::BN : Gemm::depth, Gemm::pitch_b, Gemm::b_outer>;

// Both, as run_pipeline wants them.
template <class Gemm>
struct OperandLoaders {
  using T = typename Gemm::T;
  LoaderOfA<Gemm> a;
  LoaderOfB<Gemm> b;

  __device__ OperandLoaders(const GemmOperand<T>& from_a, const GemmOperand<T>& from_b, int first_m, int first_n,
                            int first_step)
      : a(from_a, first_m, first_step * Gemm::depth), b(from_b, first_n, first_step * Gemm::depth) {}
  __device__ __forceinline__ void operator()(int, T* to_a, T* to_b) { a(to_a), b(to_b); }
};

}  // namespace cuunet::CUUNET_TARGET
