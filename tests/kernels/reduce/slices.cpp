#include "kernels/reduce/reduce.h"
#include "tests/checks/operator_check.h"

#include <doctest/doctest.h>

using namespace cuunet;

namespace {

using Views = std::vector<ConstView>;
const Shape maps{2, 37, 5, 6};

}  // namespace

TEST_CASE("reduce_sum and broadcast write into channel slices") {
  const Shape column{2, 37, 1, 1};
  check_slices("reduce_sum", {maps}, column, [](Context& c, const Views& in, View y) {
    reduce_sum(c, in[0], y, {0b1100, 0.5});
  });
  check_slices("broadcast", {column}, maps, [](Context& c, const Views& in, View y) {
    broadcast(c, in[0], y, {0b1100, 0.5});
  });
}
