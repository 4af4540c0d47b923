// The three passes of conv2d of the CUDA sources against the f64 loops.
#include "kernels/conv/add_bias.h"
#include "kernels/conv/conv2d.h"
#include "kernels/conv/conv_transpose2d.h"

#include "tests/kernels/simt/device_check.h"

#include <doctest/doctest.h>

#include <fmt/format.h>

namespace cuunet::simt {
namespace {

struct ConvRow {
  Shape x;
  int64_t outputs, kernel_h, kernel_w;
  Conv2dParams params;
  const char* why;
};

constexpr PaddingMode zeros = PaddingMode::zeros, reflect = PaddingMode::reflect, replicate = PaddingMode::replicate;

const ConvRow rows[] = {
    {{1, 1, 1, 1}, 1, 1, 1, {}, "smallest"},
    {{2, 16, 5, 7}, 24, 3, 3, {1, 1}, "odd image, small tile"},
    {{1, 3, 20, 13}, 66, 7, 7, {2, 3}, "few input channels, stride 2, two column blocks"},
    {{2, 99, 9, 11}, 13, 3, 3, {1, 1}, "padded tail in the depth, large tile"},
    {{1, 40, 4, 4}, 9, 1, 1, {2, 0}, "1 x 1 with stride 2: phases without taps"},
    {{1, 8, 16, 18}, 20, 4, 4, {2, 1}, "4 x 4 stride 2"},
    {{1, 5, 7, 6}, 6, 2, 3, {3, 1}, "kernel not square, stride above it"},
    {{1, 12, 9, 6}, 10, 3, 3, {1, 1, reflect}, "reflect"},
    {{1, 12, 8, 9}, 10, 5, 5, {1, 2, replicate}, "replicate"},
    {{1, 6, 9, 9}, 7, 3, 3, {2, 1, reflect}, "reflect with stride 2"},
    {{1, 4, 3, 5}, 5, 4, 4, {2, 3, replicate}, "replicate wider than half the image"},
    {{2, 9, 6, 6}, 5, 3, 3, {1, 0, zeros, true}, "no padding, ReLU"},
    {{1, 260, 3, 4}, 70, 3, 3, {1, 1}, "deep and small: split depth"},
    {{2, 33, 17, 19}, 130, 1, 1, {}, "more outputs than a tile"},
};

std::string name_of_row(const char* pass, const ConvRow& r) {
  return fmt::format("conv2d/{} {} k{} {}x{} s{} p{} {} ({})", pass, r.x.text(), r.outputs, r.kernel_h, r.kernel_w,
                     r.params.stride, r.params.padding, name_of(r.params.padding_mode), r.why);
}

// f32: a sum of up to 2,340 products, f32 roundings of its partial sums; the terms cancel to about their root.
constexpr DeviceTolerance tolerance{.f32 = 3e-6};

void check_row(const ConvRow& r, bool exact, bool tf32) {
  Shape w{r.outputs, r.x[1], r.kernel_h, r.kernel_w}, y = conv2d_output_shape(r.x, w, r.params);
  TensorRow weight{w, Role::input, true}, bias{{r.outputs}, Role::input, true};
  TensorRow grad_w{w, Role::output, true}, grad_b{{r.outputs}, Role::output, true};
  auto params = r.params;
  check_device({name_of_row("forward", r),
                {{r.x}, weight, bias, {y, Role::output}},
                [=](Context& context, const std::vector<View>& v) {
                  context.allow_tf32 = tf32;
                  conv2d_forward(context, v[0], v[1], v[2], v[3], params);
                },
                tolerance,
                exact});
  check_device({name_of_row("backward_input", r),
                {{y}, weight, {r.x, Role::output}},
                [=](Context& context, const std::vector<View>& v) {
                  context.allow_tf32 = tf32;
                  conv2d_backward_input(context, v[0], v[1], v[2], params);
                },
                tolerance,
                exact});
  check_device({name_of_row("backward_weight", r),
                {{r.x}, {y}, grad_w, grad_b},
                [=](Context& context, const std::vector<View>& v) {
                  context.allow_tf32 = tf32;
                  conv2d_backward_weight(context, v[0], v[1], v[2], v[3], params);
                },
                tolerance,
                exact});
}

TEST_CASE("simt: conv2d, all passes") {
  for (const ConvRow& row : rows) check_row(row, false, false);
}

TEST_CASE("simt: conv2d with tf32 products, whose operands here are exact in tf32") {
  for (const ConvRow& row : rows) check_row(row, false, true);
}

TEST_CASE("simt: conv2d of operands floor(16u)/16 is exact in f32, tf32 and up to its last rounding in bf16") {
  for (const ConvRow& row : {rows[1], rows[2], rows[8]}) {
    check_row(row, true, false);
    check_row(row, true, true);
  }
}

TEST_CASE("simt: conv2d without bias, and with one of the two weight gradients") {
  Shape x{1, 3, 4, 5}, w{2, 3, 3, 3}, y{1, 2, 4, 5};
  Conv2dParams params{.padding = 1};
  TensorRow weight{w, Role::input, true};
  check_device(
      {"conv2d/forward without bias",
       {{x}, weight, {y, Role::output}},
       [=](Context& context, const std::vector<View>& v) { conv2d_forward(context, v[0], v[1], {}, v[2], params); }});
  check_device({"conv2d/backward_weight only",
                {{x}, {y}, {w, Role::output, true}},
                [=](Context& context, const std::vector<View>& v) {
                  conv2d_backward_weight(context, v[0], v[1], v[2], {}, params);
                }});
  check_device({"conv2d/backward_bias only",
                {{x}, {y}, {{2}, Role::output, true}},
                [=](Context& context, const std::vector<View>& v) {
                  conv2d_backward_weight(context, v[0], v[1], {}, v[2], params);
                }});
}

TEST_CASE("simt: conv_transpose2d, all passes") {
  struct Row {
    Shape x;
    int64_t outputs, kernel_h, kernel_w;
    ConvTranspose2dParams params;
  };
  // Smallest; odd sizes; the 4 x 4 with stride 2 of generators; a stride above the kernel, whose gaps are bias alone;
  // few tiles, whose depth is split.
  for (const Row& r :
       {Row{{1, 1, 1, 1}, 1, 1, 1, {}}, Row{{2, 9, 5, 3}, 20, 3, 2, {1, 1}}, Row{{1, 24, 6, 9}, 11, 4, 4, {2, 1}},
        Row{{1, 8, 3, 4}, 10, 2, 2, {3, 0}}, Row{{1, 200, 3, 2}, 40, 3, 3, {1, 1}}}) {
    Shape w{r.x[1], r.outputs, r.kernel_h, r.kernel_w}, y = conv_transpose2d_output_shape(r.x, w, r.params);
    TensorRow weight{w, Role::input, true}, bias{{r.outputs}, Role::input, true};
    auto params = r.params;
    using Views = std::vector<View>;
    check_device({"conv_transpose2d/forward " + r.x.text(),
                  {{r.x}, weight, bias, {y, Role::output}},
                  [=](Context& c, const Views& v) { conv_transpose2d_forward(c, v[0], v[1], v[2], v[3], params); },
                  tolerance});
    check_device({"conv_transpose2d/backward_input " + r.x.text(),
                  {{y}, weight, {r.x, Role::output}},
                  [=](Context& c, const Views& v) { conv_transpose2d_backward_input(c, v[0], v[1], v[2], params); },
                  tolerance});
    check_device(
        {"conv_transpose2d/backward_weight " + r.x.text(),
         {{r.x}, {y}, {w, Role::output, true}, {{r.outputs}, Role::output, true}},
         [=](Context& c, const Views& v) { conv_transpose2d_backward_weight(c, v[0], v[1], v[2], v[3], params); },
         tolerance});
  }
}

TEST_CASE("simt: add_bias") {
  for (bool relu : {false, true}) {
    for (const Shape& y : {Shape{1, 1, 1, 1}, Shape{2, 13, 5, 7}, Shape{1, 64, 3, 4}}) {
      TensorRow bias{{y[1]}, Role::input, true};
      check_device({fmt::format("add_bias/{} relu {}", y.text(), relu),
                    {bias, {y, Role::updated}},
                    [=](Context& context, const std::vector<View>& v) { add_bias(context, v[0], v[1], relu); }});
    }
  }
}

}  // namespace
}  // namespace cuunet::simt
