// Sums, broadcasts and dropout of the CUDA sources against the f64 loops.
#include "kernels/reduce/reduce.h"
#include "kernels/activation/dropout.h"
#include "kernels/linalg/add.h"
#include "tests/kernels/simt/device_check.h"

#include <doctest/doctest.h>

#include <fmt/format.h>

namespace cuunet::simt {
namespace {

constexpr Role output = Role::output;
using Views = std::vector<View>;

struct ReduceRow {
  Shape x;
  unsigned dims;
};

// Bit d: dimension d is summed.
const ReduceRow rows[] = {
    {{1, 1, 1, 1}, 0b1111},  {{2, 3, 5, 7}, 0b1100},   {{2, 99, 3, 5}, 0b1101},  {{3, 5, 40, 33}, 0b1111},
    {{2, 99, 3, 5}, 0b0010}, {{2, 20, 3, 5}, 0b0001},  {{2, 3, 5, 4}, 0b0100},   {{3, 70, 4, 5}, 0b0111},
    {{2, 9, 5, 4}, 0b0110},  {{2, 8, 41, 40}, 0b1100}, {{4, 6, 20, 31}, 0b1110}, {{4, 2500}, 0b10},
    {{300, 17}, 0b01},       {{300, 16}, 0b01},        {{6, 5, 4}, 0b010},       {{3000}, 0b1},
    {{2, 3, 4}, 0},
};

TEST_CASE("simt: reduce_sum and broadcast") {
  for (const ReduceRow& row : rows) {
    for (bool keep : {true, false}) {
      Shape y = reduced_shape(row.x, row.dims, keep);
      std::string name = fmt::format(" {} {:04b} {}", row.x.text(), row.dims, keep);
      ReducedDims r{row.dims, 0.5};
      check_device({"reduce_sum" + name, {{row.x}, {y, output}}, [=](Context& c, const Views& v) {
                      reduce_sum(c, v[0], v[1], r);
                    }});
      check_device({"reduce_sum/to f32" + name, {{row.x}, {y, output, true}}, [=](Context& c, const Views& v) {
                      reduce_sum(c, v[0], v[1], r);
                    }});
      check_device({"broadcast" + name, {{y}, {row.x, output}}, [=](Context& c, const Views& v) {
                      broadcast(c, v[0], v[1], r);
                    }});
      check_device({"broadcast/from f32" + name,
                    {{y, Role::input, true}, {row.x, output}},
                    [=](Context& c, const Views& v) { broadcast(c, v[0], v[1], r); }});
    }
  }
}

TEST_CASE("simt: add_broadcast") {
  struct Row {
    Shape a, b;
  };
  for (const Row& row : {Row{{2, 99, 3, 5}, {1, 99, 1, 1}}, Row{{2, 9, 3, 1}, {9, 1, 5}}, Row{{4, 20}, {20}},
                         Row{{3, 1, 7}, {1, 5, 1}}, Row{{1}, {2, 3, 4, 5}}}) {
    Shape y = broadcast_shape("add", row.a, row.b);
    check_device({fmt::format("add_broadcast {} {}", row.a.text(), row.b.text()),
                  {{row.a}, {row.b}, {y, output}},
                  [](Context& c, const Views& v) { add_broadcast(c, v[0], v[1], v[2]); }});
  }
}

TEST_CASE("simt: dropout draws what the CPU draws") {
  for (const Shape& s : {Shape{1, 1, 1, 1}, Shape{2, 99, 3, 5}, Shape{2, 16, 4, 3}, Shape{3, 7}, Shape{1030}}) {
    for (double p : {0.0, 0.3, 1.0}) {
      for (bool per_map : {false, true}) {
        if (per_map && s.rank() != 4) continue;
        DropoutParams params{p, per_map, 12345678901234u, 7};
        check_device({fmt::format("dropout {} {} {}", s.text(), p, per_map),
                      {{s}, {s, output}},
                      [=](Context& c, const Views& v) { dropout_forward(c, v[0], v[1], params); }});
      }
    }
    // Any factors do: the mask is multiplied.
    TensorRow mask{s, Role::input, false, 0.5, 0.5};
    check_device({"dropout/mask " + s.text(), {{s}, mask, {s, output}}, [](Context& c, const Views& v) {
                    dropout_with_mask(c, v[0], v[1], v[2], 0.25);
                  }});
    if (s.rank() != 4) continue;
    mask.shape = {s[0], s[1], 1, 1};
    check_device({"dropout/map mask " + s.text(), {{s}, mask, {s, output}}, [](Context& c, const Views& v) {
                    dropout_with_mask(c, v[0], v[1], v[2], 0.25);
                  }});
  }
}

}  // namespace
}  // namespace cuunet::simt
