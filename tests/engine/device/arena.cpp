#include "engine/device/arena.h"

#include <doctest/doctest.h>

namespace cuunet {
namespace {

constexpr size_t mib = size_t{1} << 20;

TEST_CASE("arena: chunks that nobody uses make room for a larger one") {
  Arena arena(100 * mib);
  void* small = arena.allocate(40 * mib);
  void* other = arena.allocate(40 * mib);
  arena.release(small);
  void* large = arena.allocate(60 * mib);
  CHECK(arena.in_use() == 100 * mib);
  CHECK(arena.reserved() == 100 * mib);
  CHECK(arena.left() == 0);
  arena.release(large);
  arena.release(other);
  CHECK_NOTHROW(arena.release(arena.allocate(100 * mib)));
}

TEST_CASE("arena: chunks that nobody uses are given back for one that they make up") {
  Arena arena;
  void* small[] = {arena.allocate(40 * mib), arena.allocate(40 * mib), arena.allocate(40 * mib)};
  arena.release(small[0]);
  void* larger = arena.allocate(60 * mib);
  CHECK(arena.reserved() == 180 * mib);  // 40 MiB would not have been enough
  arena.release(small[1]);
  void* largest = arena.allocate(80 * mib);
  CHECK(arena.reserved() == 180 * mib);
  CHECK(arena.in_use() == 180 * mib);
  for (void* memory : {small[2], larger, largest}) arena.release(memory);
}

TEST_CASE("arena: what is too much is said, and what is there stays usable") {
  Arena arena(64 * mib);
  void* first = arena.allocate(40 * mib);
  CHECK_THROWS_WITH_AS(arena.allocate(30 * mib), "out of memory: 30.0 MiB more needed, 40.0 MiB in use, 40.0 MiB held",
                       OutOfMemory);
  arena.release(first);
  CHECK_NOTHROW(arena.allocate(64 * mib));
}

}  // namespace
}  // namespace cuunet
