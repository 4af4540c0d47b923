// How the work of a matrix product is cut: every stage of depth belongs to exactly one split, and none is empty.
#include "kernels/device/gemm_plan.cuh"

#include <doctest/doctest.h>

namespace cuunet::simt {
namespace {

using Gemm = GemmTile<Bf16Math, LargeTile, Depth::inner>;

TEST_CASE("gemm_plan: splits cover the depth, and none is empty") {
  for (int64_t rows : {1, 128, 129, 4096}) {
    for (int64_t columns : {1, 64, 65, 512}) {
      for (int64_t depth : {1, 32, 33, 160, 576, 4608, 100000}) {
        GemmPlan plan = plan_gemm<Gemm>(rows, columns, depth);
        int64_t steps = (depth + Gemm::depth - 1) / Gemm::depth;
        CAPTURE(rows);
        CAPTURE(columns);
        CAPTURE(depth);
        CHECK(plan.tiles_m == (rows + 127) / 128);
        CHECK(plan.tiles_n == (columns + 63) / 64);
        CHECK(int64_t{plan.splits} * plan.steps_per_split >= steps);
        CHECK(int64_t{plan.splits - 1} * plan.steps_per_split < steps);
        CHECK(plan.grid(3).z == static_cast<unsigned>(3 * plan.splits));
      }
    }
  }
}

TEST_CASE("gemm_plan: only few tiles with a deep sum are split") {
  CHECK(split_count(1, 3) == 1);
  CHECK(split_count(1, 8) == 2);
  CHECK(split_count(1, 4000) == 125);  // 128 at most, of 32 steps each
  CHECK(split_count(64, 4000) == 2);
  CHECK(split_count(65, 4000) == 1);
}

TEST_CASE("gemm_plan: small images take the tile of 16 rows") {
  auto rows_of_tile = [](int64_t rows) {
    int found = 0;
    with_tile(rows, [&]<class Tile>(Tile) { found = Tile::BM; });
    return found;
  };
  CHECK(rows_of_tile(1) == 16);
  CHECK(rows_of_tile(64) == 16);
  CHECK(rows_of_tile(65) == 128);
}

}  // namespace
}  // namespace cuunet::simt
