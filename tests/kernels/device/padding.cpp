#include "kernels/device/padding.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace cuunet {
namespace {

struct Row {
  PaddingMode mode;
  int size, first;
  std::vector<int> read;  // by first, first + 1, …
};

const Row rows[] = {
    {PaddingMode::zeros, 3, -2, {-1, -1, 0, 1, 2, -1, -1}},
    {PaddingMode::reflect, 3, -2, {2, 1, 0, 1, 2, 1, 0}},
    {PaddingMode::replicate, 3, -4, {0, 0, 0, 0, 0, 1, 2, 2, 2}},
    {PaddingMode::replicate, 1, -1, {0, 0, 0}},
    {PaddingMode::reflect, 1, 0, {0}},
};

TEST_CASE("padding: where indices outside an image are read, in both widths of integers") {
  for (const Row& row : rows) {
    CAPTURE(std::string(name_of(row.mode)));
    for (size_t i = 0; i < row.read.size(); ++i) {
      int index = row.first + static_cast<int>(i);
      CAPTURE(index);
      CHECK(padded_index(index, row.size, row.mode) == row.read[i]);
      CHECK(padded_index<int64_t>(index, row.size, row.mode) == row.read[i]);
    }
  }
}

}  // namespace
}  // namespace cuunet
