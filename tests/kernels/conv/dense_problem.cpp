#include "kernels/conv/dense_problem.h"

#include <doctest/doctest.h>

namespace cuunet {
namespace {

struct Row {
  Shape x, w;
  DType dtype;
  bool tf32;
  Conv2dParams params;
  const char* text;
  int p, q;
};

const Row rows[] = {
    {{8, 64, 16, 16},
     {64, 64, 3, 3},
     DType::f32,
     false,
     {1, 1},
     "f32 [8, 64, 16, 16] by [64, 64, 3, 3] stride 1 padding 1",
     16,
     16},
    {{1, 3, 65, 40},
     {99, 3, 7, 7},
     DType::bf16,
     true,
     {2, 3},
     "bf16 [1, 8, 65, 40] by [104, 8, 7, 7] stride 2 padding 3",
     33,
     20},
    {{2, 99, 4, 4},
     {3, 99, 1, 1},
     DType::f32,
     true,
     {},
     "tf32 [2, 104, 4, 4] by [8, 104, 1, 1] stride 1 padding 0",
     4,
     4},
};

TEST_CASE("dense_problem: channels rounded up to 8, tf32 for f32 only") {
  for (const Row& row : rows) {
    DenseProblem problem =
        dense_problem(row.x, row.w, conv2d_output_shape(row.x, row.w, row.params), row.dtype, row.tf32, row.params);
    CHECK(problem.text() == row.text);
    CHECK(problem.p == row.p);
    CHECK(problem.q == row.q);
  }
}

TEST_CASE("dense_problem: strides of dense NHWC") {
  CHECK(nhwc_strides(8, 5, 7) == std::array<int, 4>{280, 1, 56, 8});
  CHECK(nhwc_strides(104, 1, 1) == std::array<int, 4>{104, 1, 104, 104});
}

TEST_CASE("dense_problem: more elements than the library counts are refused, with what to do") {
  Shape x{16, 1024, 512, 512}, w{8, 1024, 1, 1};  // 2^32
  CHECK_THROWS_WITH_AS(dense_problem(x, w, conv2d_output_shape(x, w, {}), DType::bf16, false, {}),
                       "cudnn: image [16, 1024, 512, 512] has 4294967296 elements, at most 2147483647 can be counted; "
                       "take a smaller batch or size, or --conv-backend native",
                       ShapeError);
}

}  // namespace
}  // namespace cuunet
