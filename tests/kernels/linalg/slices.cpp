#include "kernels/linalg/add.h"
#include "kernels/linalg/scale.h"
#include "tests/checks/operator_check.h"

#include <doctest/doctest.h>

using namespace cuunet;

namespace {

using Views = std::vector<ConstView>;
const Shape maps{2, 37, 5, 6};

}  // namespace

TEST_CASE("add and scale write into channel slices") {
  check_slices("add", {maps, maps}, maps, [](Context& c, const Views& in, View y) { add_forward(c, in[0], in[1], y); });
  check_slices("add_broadcast", {maps, {1, 37, 1, 6}}, maps,
               [](Context& c, const Views& in, View y) { add_broadcast(c, in[0], in[1], y); });
  check_slices("scale", {maps}, maps, [](Context& c, const Views& in, View y) { scale_forward(c, in[0], y, 3); });
}
