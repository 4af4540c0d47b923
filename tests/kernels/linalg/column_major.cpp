#include "kernels/linalg/column_major.h"

#include "kernels/device/error.h"

#include <doctest/doctest.h>

namespace cuunet {
namespace {

struct Row {
  const char* name;
  int64_t rows, columns, row_stride, column_stride;
  ColumnMajor expected;
};

const Row rows[] = {
    {"row-major", 5, 7, 7, 1, {false, 7}},
    {"row-major with longer rows", 5, 7, 16, 1, {false, 16}},
    {"transposed", 7, 5, 1, 7, {true, 7}},
    {"one row, its stride without meaning", 1, 7, 1, 1, {false, 7}},
    {"one column of contiguous elements", 7, 1, 1, 1, {false, 1}},
    {"one column, transposed from a row", 7, 1, 1, 7, {false, 1}},
    {"one element", 1, 1, 0, 0, {false, 1}},
};

TEST_CASE("column_major: a matrix as BLAS reads its transpose") {
  for (const Row& r : rows) {
    CAPTURE(r.name);
    ConstMatrix m{nullptr, DType::f32, r.rows, r.columns, r.row_stride, r.column_stride, 0};
    ColumnMajor found = transposed_for_blas(m);
    CHECK(found.transpose == r.expected.transpose);
    CHECK(found.leading == r.expected.leading);
  }
}

TEST_CASE("column_major: two strides above 1 are refused") {
  CHECK_THROWS_AS(transposed_for_blas({nullptr, DType::f32, 4, 4, 8, 2, 0}), ShapeError);
}

}  // namespace
}  // namespace cuunet
