// Tiles of registers: every vector of 16 lanes once, no more accumulators than the processor has registers, and a body
// that is compiled for the instructions it is called with.
#include "kernels/device/register_lanes.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace cuunet {
namespace {

class PlainContext final : public Context {
 public:
  explicit PlainContext(Isa isa) : Context(Device::cpu, 3, isa) {}
  void* allocate(size_t bytes) override { return std::malloc(bytes); }
  void release(void* pointer, size_t) override { std::free(pointer); }
};

constexpr int64_t registers_of(Isa isa) { return isa == Isa::avx512 ? 32 : 16; }

struct Tiles {
  std::vector<int>& seen;
  int64_t& most_lanes;

  template <int64_t rows, int64_t vectors>
  void operator()(int64_t first) const {
    most_lanes = std::max(most_lanes, rows * vectors * lane_count);
    for (int64_t v = first; v < first + vectors; ++v) ++seen[static_cast<size_t>(v)];
  }
};

template <Isa isa>
void check_tiles() {
  for (int64_t first : {0, 3}) {
    for (int64_t vectors : {1, 2, 3, 4}) {
      std::vector<int> seen(8), expected(8);
      std::fill_n(expected.begin() + first, vectors, 1);
      int64_t most_lanes = 0;
      for_register_tiles<isa>(first, vectors, Tiles{seen, most_lanes});
      CHECK(seen == expected);
      CHECK(most_lanes < registers_of(isa) * register_lanes<float, isa>);  // and some for the operands
    }
  }
}

struct Recorder {
  std::vector<Isa>* with;

  template <Isa isa>
  void operator()(int64_t begin, int64_t end) const {
    for (int64_t i = begin; i < end; ++i) (*with)[static_cast<size_t>(i)] = isa;
  }
};

TEST_CASE("register tiles: every vector once, within the registers of each set of instructions") {
  check_tiles<Isa::baseline>();
  check_tiles<Isa::avx2>();
  check_tiles<Isa::avx512>();
  CHECK(register_lanes<float, Isa::avx512> == lane_count);
  CHECK(register_lanes<double, Isa::avx2> == 4);
  CHECK(register_lanes<float, Isa::baseline> == 4);
}

TEST_CASE("parallel_for_isa: the whole range, with the context's instructions") {
  for (Isa isa : {Isa::baseline, Isa::avx2, Isa::avx512}) {
    if (isa > widest_isa_of_this_cpu()) continue;
    std::vector<Isa> with(1000, isa == Isa::baseline ? Isa::avx2 : Isa::baseline);
    parallel_for_isa(PlainContext(isa), 1000, 16, Recorder{&with});
    CHECK(with == std::vector<Isa>(1000, isa));
  }
}

}  // namespace
}  // namespace cuunet
