// relu and pixel_shuffle of the CUDA sources against the f64 loops.
#include "kernels/activation/relu.h"
#include "kernels/pixel_shuffle/pixel_shuffle.h"
#include "tests/kernels/simt/device_check.h"

#include <doctest/doctest.h>

namespace cuunet::simt {
namespace {

constexpr Role output = Role::output;
using Views = std::vector<View>;

TEST_CASE("simt: relu") {
  for (const Shape& shape : {Shape{1, 1, 1, 1}, Shape{2, 99, 3, 5}, Shape{1, 64, 17, 2}, Shape{3, 7}, Shape{1030}}) {
    check_device({"relu/forward " + shape.text(), {{shape}, {shape, output}}, [](Context& context, const Views& v) {
                    relu_forward(context, v[0], v[1]);
                  }});
    check_device({"relu/backward " + shape.text(),
                  {{shape}, {shape}, {shape, output}},
                  [](Context& context, const Views& v) { relu_backward(context, v[0], v[1], v[2]); }});
  }
}

TEST_CASE("simt: pixel_shuffle and pixel_unshuffle") {
  struct Row {
    int64_t n, fine_channels, h, w;
    int factor;
  };
  for (Row row :
       {Row{1, 1, 1, 1, 2}, Row{2, 24, 3, 5, 2}, Row{1, 99, 2, 3, 2}, Row{1, 5, 3, 2, 3}, Row{2, 3, 4, 4, 1}}) {
    Shape coarse{row.n, row.fine_channels * row.factor * row.factor, row.h, row.w};
    Shape fine{row.n, row.fine_channels, row.h * row.factor, row.w * row.factor};
    check_device({"pixel_shuffle " + coarse.text(), {{coarse}, {fine, output}}, [&](Context& context, const Views& v) {
                    pixel_shuffle_forward(context, v[0], v[1], row.factor);
                  }});
    check_device({"pixel_unshuffle " + fine.text(), {{fine}, {coarse, output}}, [&](Context& context, const Views& v) {
                    pixel_unshuffle_forward(context, v[0], v[1], row.factor);
                  }});
  }
}

}  // namespace
}  // namespace cuunet::simt
