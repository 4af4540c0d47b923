// Host side of a matrix product: the arithmetic, the tile, and how its work is cut into blocks.
#pragma once

#include "kernels/device/gemm_tile.cuh"
#include "kernels/device/pixels.h"

#include <algorithm>

namespace cuunet::CUUNET_TARGET {

// run(Math{}) with the arithmetic for this storage type.
template <class Run>
void with_math(const char* op, const Context& context, DType dtype, const Run& run) {
  visit_storage(op, dtype, [&]<class T>(T) {
    if constexpr (std::is_same_v<T, bfloat16>)
      run(Bf16Math{});
    else if (context.allow_tf32)
      run(Tf32Math{});
    else
      run(F32Math{});
  });
}

// run(Tile{}) with the tile for this many rows.
template <class Run>
void with_tile(int64_t rows, const Run& run) {
  if (rows <= 64)
    run(SmallTile{});
  else
    run(LargeTile{});
}

// How many ways to split `steps` of depth when there are only `tiles` blocks of work; a matter of shape alone.
inline int split_count(int64_t tiles, int64_t steps) {
  constexpr int64_t enough_tiles = 128,
                    least_steps = 4;  // about one per multiprocessor; below, the pipeline never fills
  int64_t splits = std::min(enough_tiles / std::max<int64_t>(tiles, 1), steps / least_steps);
  if (splits <= 1) return 1;
  int64_t per_split = (steps + splits - 1) / splits;
  return static_cast<int>((steps + per_split - 1) / per_split);
}

struct GemmPlan {
  int64_t tiles_m, tiles_n;
  int splits, steps_per_split;
  dim3 grid(int64_t batches = 1) const {
    return dim3(count_32(tiles_m), count_32(tiles_n), count_32(splits * batches));
  }
};

template <class Gemm>
GemmPlan plan_gemm(int64_t rows, int64_t columns, int64_t depth, int64_t batches = 1) {
  using Tile = typename Gemm::Tile;
  int64_t steps = (depth + Gemm::depth - 1) / Gemm::depth;
  GemmPlan plan{(rows + Tile::BM - 1) / Tile::BM, (columns + Tile::BN - 1) / Tile::BN, 1, 1};
  plan.splits = split_count(plan.tiles_m * plan.tiles_n * batches, steps);
  plan.steps_per_split = static_cast<int>(std::max<int64_t>(1, (steps + plan.splits - 1) / plan.splits));
  return plan;
}

}  // namespace cuunet::CUUNET_TARGET
