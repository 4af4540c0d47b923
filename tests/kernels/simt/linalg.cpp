// The products of the CUDA sources, and what is made of them, against the f64 loops.
#include "kernels/attention/softmax.h"
#include "kernels/conv/conv1d.h"
#include "kernels/linalg/gram.h"
#include "kernels/linalg/linear.h"
#include "kernels/linalg/matmul.h"
#include "tests/kernels/simt/device_check.h"

#include <doctest/doctest.h>

#include <fmt/format.h>

namespace cuunet::simt {
namespace {

constexpr Role output = Role::output;
using Views = std::vector<View>;

// f32: a sum of up to 700 products of either sign, whose roundings are those of its largest partial sum.
constexpr DeviceTolerance tolerance{.f32 = 3e-6};

// In plain f32, with tf32 products (the operands are exact in tf32), and once more with operands floor(16u)/16, for
// which all of them are exact.
void check_product(DeviceCase row) {
  row.tolerance = tolerance;
  for (bool exact : {false, true}) {
    row.exact = exact;
    for (bool tf32 : {false, true}) {
      DeviceCase with = row;
      with.run = [run = row.run, tf32](Context& context, const Views& v) {
        context.allow_tf32 = tf32;
        run(context, v);
      };
      check_device(with);
    }
  }
}

TEST_CASE("simt: matmul, each operand transposed or not") {
  struct Row {
    int64_t batches, m, n, k;
  };
  // Smallest; odd sizes in small tiles; aligned rows; several large tiles; split depth.
  for (Row r : {Row{0, 1, 1, 1}, Row{3, 5, 7, 9}, Row{2, 16, 72, 40}, Row{0, 131, 70, 19}, Row{0, 9, 6, 700}}) {
    for (bool transpose_a : {false, true}) {
      for (bool transpose_b : {false, true}) {
        auto shape = [&](int64_t rows, int64_t columns, bool transpose) {
          if (transpose) std::swap(rows, columns);
          return r.batches == 0 ? Shape{rows, columns} : Shape{r.batches, rows, columns};
        };
        Shape a = shape(r.m, r.k, transpose_a), b = shape(r.k, r.n, transpose_b), y = shape(r.m, r.n, false);
        check_product(
            {fmt::format("matmul {}{} {}{}", a.text(), transpose_a ? "T" : "", b.text(), transpose_b ? "T" : ""),
             {{a}, {b}, {y, output}},
             [=](Context& c, const Views& v) {
               matmul_forward(c, v[0], v[1], v[2], {transpose_a, transpose_b});
             }});
      }
    }
  }
}

TEST_CASE("simt: linear, all passes") {
  for (const Shape& x : {Shape{1}, Shape{3, 17}, Shape{2, 9, 24}, Shape{70, 130}}) {
    int64_t inputs = x[x.rank() - 1], outputs = 66;
    Shape w{outputs, inputs}, y = linear_output_shape(x, w, {});
    TensorRow weight{w, Role::input, true}, bias{{outputs}, Role::input, true};
    check_product({"linear/forward " + x.text(), {{x}, weight, bias, {y, output}}, [](Context& c, const Views& v) {
                     linear_forward(c, v[0], v[1], v[2], v[3]);
                   }});
    check_product({"linear/backward_input " + x.text(), {{y}, weight, {x, output}}, [](Context& c, const Views& v) {
                     linear_backward_input(c, v[0], v[1], v[2]);
                   }});
    check_product({"linear/backward_weight " + x.text(),
                   {{x}, {y}, {w, output, true}, {{outputs}, output, true}},
                   [](Context& c, const Views& v) { linear_backward_weight(c, v[0], v[1], v[2], v[3]); }});
  }
}

TEST_CASE("simt: conv1d, all passes") {
  for (const Shape& x : {Shape{1, 1, 1}, Shape{3, 9, 35}, Shape{2, 40, 64}}) {
    int64_t outputs = 70;
    Shape w{outputs, x[1], 1}, y{x[0], outputs, x[2]};
    TensorRow weight{w, Role::input, true}, bias{{outputs}, Role::input, true};
    check_product({"conv1d/forward " + x.text(), {{x}, weight, bias, {y, output}}, [](Context& c, const Views& v) {
                     conv1d_forward(c, v[0], v[1], v[2], v[3]);
                   }});
    check_product({"conv1d/backward_input " + x.text(), {{y}, weight, {x, output}}, [](Context& c, const Views& v) {
                     conv1d_backward_input(c, v[0], v[1], v[2]);
                   }});
    check_product({"conv1d/backward_weight " + x.text(),
                   {{x}, {y}, {w, output, true}, {{outputs}, output, true}},
                   [](Context& c, const Views& v) { conv1d_backward_weight(c, v[0], v[1], v[2], v[3]); }});
  }
}

TEST_CASE("simt: gram, half of it computed") {
  for (const Shape& x : {Shape{1, 1, 1, 1}, Shape{2, 19, 5, 7}, Shape{1, 150, 4, 3}, Shape{1, 6, 21, 20}}) {
    Shape y{x[0], x[1], x[1]};
    check_device({"gram/forward " + x.text(),
                  {{x}, {y, output, true}},
                  [](Context& c, const Views& v) { gram_forward(c, v[0], v[1]); },
                  tolerance});
    check_device({"gram/backward " + x.text(),
                  {{x}, {y, Role::input, true}, {x, output}},
                  [](Context& c, const Views& v) { gram_backward(c, v[0], v[1], v[2]); },
                  // bf16: the sums grad_y + grad_yᵀ are rounded too, so errors of 2^-9 of each of C terms add up.
                  {.f32 = 3e-6, .bf16 = 1.0 / 128}});
  }
}

TEST_CASE("simt: softmax along every dimension") {
  struct Row {
    Shape shape;
    int dim;
  };
  for (const Row& r : {Row{{1}, 0}, Row{{9, 77}, 1}, Row{{40, 35}, 0}, Row{{2, 13, 36}, 1}, Row{{3, 5, 70}, 2},
                       Row{{2, 99, 3, 5}, 1}, Row{{1, 4, 1, 1}, 1}}) {
    std::string name = fmt::format(" {} of {}", r.dim, r.shape.text());
    // Logits up to 20: without the maximum taken off first, sums would be lost below e^20.
    check_device({"softmax" + name,
                  {{r.shape, Role::input, false, 0, 20}, {r.shape, output}},
                  [=](Context& c, const Views& v) { softmax_forward(c, v[0], v[1], r.dim); }});
    check_device({"softmax/backward" + name,
                  {{r.shape, Role::input, false, 0.5, 0.5}, {r.shape}, {r.shape, output}},
                  [=](Context& c, const Views& v) { softmax_backward(c, v[0], v[1], v[2], r.dim); },
                  tolerance});
  }
}

}  // namespace
}  // namespace cuunet::simt
