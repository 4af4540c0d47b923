// Average pools, pads and interpolation of the CUDA sources against the f64 loops.
#include "kernels/pool/avg_pool2d.h"
#include "kernels/resample/interpolate.h"
#include "kernels/resample/pad.h"
#include "tests/kernels/simt/device_check.h"

#include <doctest/doctest.h>

#include <fmt/format.h>

namespace cuunet::simt {
namespace {

constexpr Role output = Role::output;
using Views = std::vector<View>;

TEST_CASE("simt: avg_pool2d") {
  for (AvgPoolParams p : {AvgPoolParams{2, 2}, AvgPoolParams{3, 1}, AvgPoolParams{3, 2}, AvgPoolParams{2, 3}}) {
    for (const Shape& x : {Shape{1, 1, 3, 3}, Shape{2, 99, 7, 5}, Shape{1, 16, 8, 9}}) {
      Shape y = avg_pool2d_shape(x, p);
      std::string name = fmt::format(" {} k{} s{}", x.text(), p.kernel, p.stride);
      check_device({"avg_pool2d" + name, {{x}, {y, output}}, [=](Context& c, const Views& v) {
                      avg_pool2d_forward(c, v[0], v[1], p);
                    }});
      check_device({"avg_pool2d/backward" + name, {{y}, {x, output}}, [=](Context& c, const Views& v) {
                      avg_pool2d_backward(c, v[0], v[1], p);
                    }});
    }
  }
}

TEST_CASE("simt: pad") {
  struct Row {
    Shape x;
    PadParams pad;
  };
  for (const Row& row :
       {Row{{1, 1, 1, 1}, {0, 0, 0, 0}}, Row{{2, 9, 3, 4}, {3, 1, 0, 2}}, Row{{1, 24, 5, 5}, {4, 4, 4, 4}},
        Row{{1, 3, 2, 7}, {6, 0, 1, 1}}, Row{{1, 3, 2, 3}, {9, 4, 0, 7}}}) {
    for (PaddingMode mode : {PaddingMode::reflect, PaddingMode::replicate, PaddingMode::zeros}) {
      PadParams p = row.pad;
      p.mode = mode;
      if (mode == PaddingMode::reflect && p.left >= row.x[3]) continue;
      Shape y = pad_shape(row.x, p);
      std::string name = fmt::format(" {} mode {}", y.text(), static_cast<int>(mode));
      check_device({"pad" + name,
                    {{row.x}, {y, output}},
                    [=](Context& c, const Views& v) { pad_forward(c, v[0], v[1], p); },
                    {},
                    true});
      check_device({"pad/backward" + name, {{y}, {row.x, output}}, [=](Context& c, const Views& v) {
                      pad_backward(c, v[0], v[1], p);
                    }});
    }
  }
}

TEST_CASE("simt: interpolate") {
  struct Row {
    Shape x;
    int64_t height, width;
  };
  for (const Row& row : {Row{{1, 1, 1, 1}, 1, 1}, Row{{2, 9, 3, 4}, 6, 8}, Row{{1, 20, 7, 5}, 3, 11},
                         Row{{1, 3, 14, 1}, 46, 5}, Row{{1, 5, 13, 9}, 1, 1}, Row{{1, 3, 1, 29}, 3, 4}}) {
    for (Interpolation kind :
         {Interpolation::nearest, Interpolation::bilinear, Interpolation::bilinear_align_corners}) {
      Shape y = interpolate_shape(row.x, row.height, row.width);
      std::string name = fmt::format(" {} to {} kind {}", row.x.text(), y.text(), static_cast<int>(kind));
      check_device({"interpolate" + name, {{row.x}, {y, output}}, [=](Context& c, const Views& v) {
                      interpolate_forward(c, v[0], v[1], kind);
                    }});
      check_device({"interpolate/backward" + name, {{y}, {row.x, output}}, [=](Context& c, const Views& v) {
                      interpolate_backward(c, v[0], v[1], kind);
                    }});
    }
  }
}

// A norm behind it divides by a deviation that would be nothing but roundings.
TEST_CASE("simt: bilinear resizing copies the corners, and a single pixel everywhere, to the bit") {
  PlainContext context(Device::simt);
  const std::vector<float> pixel{0.1f, 0.7f, -3.3f, 0, 0, 0, 0, 0};
  std::vector<float> y(4 * 6 * 8);
  interpolate_forward(context, View{const_cast<float*>(pixel.data()), DType::f32, {1, 3, 1, 1}, 8, 8},
                      View{y.data(), DType::f32, {1, 3, 4, 6}, 8, 8}, Interpolation::bilinear);
  for (size_t i = 0; i < y.size(); ++i) CHECK(y[i] == pixel[i % 8]);
  std::vector<float> x(2 * 3 * 8);
  for (size_t i = 0; i < x.size(); ++i) x[i] = 0.1f * static_cast<float>(i);
  interpolate_forward(context, View{x.data(), DType::f32, {1, 8, 2, 3}, 8, 8},
                      View{y.data(), DType::f32, {1, 8, 4, 6}, 8, 8}, Interpolation::bilinear);
  for (size_t c = 0; c < 8; ++c) {
    CHECK(y[c] == x[c]);
    CHECK(y[23 * 8 + c] == x[5 * 8 + c]);
  }
}

}  // namespace
}  // namespace cuunet::simt
