#include "kernels/conv/conv2d_plain.h"

#include "engine/device/host_context.h"
#include "engine/tensor/tensor.h"
#include "kernels/device/philox.h"
#include "tests/checks/difference.h"

#include <doctest/doctest.h>

namespace cuunet {
namespace {

struct Row {
  const char* name;
  Shape x, w;
  Conv2dParams params;
};

const Row rows[] = {
    {"gradient by rotated tiles, channels off the grid of 16", {2, 40, 9, 7}, {37, 40, 3, 3}, {.padding = 1}},
    {"three channels", {1, 3, 33, 20}, {64, 3, 7, 7}, {.stride = 2, .padding = 3}},
    {"mirrored border", {1, 8, 12, 12}, {20, 8, 3, 3}, {.padding = 1, .padding_mode = PaddingMode::reflect}},
    {"more taps than the tiles' table holds", {1, 9, 20, 20}, {5, 9, 15, 15}, {.padding = 7}},
    {"not square", {2, 8, 5, 9}, {24, 8, 1, 3}, {.padding = 1}},
};

struct Passes {
  std::vector<double> y, grad_x, grad_w;
  bool operator==(const Passes&) const = default;
};

Tensor draw(Context& context, const Shape& shape, DType dtype, uint64_t seed) {
  RandomStream stream(seed, Purpose::scenes);
  std::vector<double> values(static_cast<size_t>(shape.elements()));
  for (double& value : values) value = bfloat16(static_cast<float>(stream.normal()));  // the same in every type
  return Tensor::from_host(context, shape, dtype, std::span<const double>(values));
}

// By plain:: in f32 and bf16, by conv2d.h's operators in f64.
Passes convolved(const Row& row, DType dtype, const HostOptions& options) {
  HostContext context(options);
  bool exact = dtype == DType::f64;
  DType parameters = exact ? DType::f64 : DType::f32;
  Shape y_shape = conv2d_output_shape(row.x, row.w, row.params);
  Tensor x = draw(context, row.x, dtype, 1), w = draw(context, row.w, parameters, 2),
         b = draw(context, {row.w[0]}, parameters, 3), g = draw(context, y_shape, dtype, 4);
  Tensor y = Tensor::empty(context, y_shape, dtype), grad_x = Tensor::empty(context, row.x, dtype),
         grad_w = Tensor::empty(context, row.w, parameters);
  if (exact) {
    conv2d_forward(context, x.view(), w.view(), b.view(), y.view(), row.params);
    conv2d_backward_input(context, g.view(), w.view(), grad_x.view(), row.params);
    conv2d_backward_weight(context, x.view(), g.view(), grad_w.view(), {}, row.params);
  } else {
    plain::conv2d_forward(context, x.view(), w.view(), b.view(), y.view(), row.params);
    plain::conv2d_backward_input(context, g.view(), w.view(), grad_x.view(), row.params);
    plain::conv2d_backward_weight(context, x.view(), g.view(), grad_w.view(), row.params);
  }
  return {y.to_host(), grad_x.to_host(), grad_w.to_host()};
}

// f32: some 2,000 products at most, of which up to 225 in one running sum; bf16: one rounding of the result, 2^-8.
TEST_CASE("conv2d_plain: close to double in every pass") {
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Passes exact = convolved(row, DType::f64, {.threads = 2});
    for (DType dtype : {DType::f32, DType::bf16}) {
      CAPTURE(name_of(dtype));
      Passes found = convolved(row, dtype, {.threads = 2});
      double tolerance = dtype == DType::f32 ? 1e-6 : 1e-6 + 1.0 / 256;
      CHECK(difference(found.y, exact.y) <= tolerance);
      CHECK(difference(found.grad_x, exact.grad_x) <= tolerance);
      CHECK(difference(found.grad_w, exact.grad_w) <= 1e-6);
    }
  }
}

TEST_CASE("conv2d_plain: the same bits on any number of threads, with AVX2 and AVX-512") {
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Passes one = convolved(row, DType::f32, {.threads = 1});
    CHECK(convolved(row, DType::f32, {.threads = 2}) == one);
    CHECK(convolved(row, DType::f32, {.threads = 5}) == one);
    if (widest_isa_of_this_cpu() == Isa::avx512) {
      CHECK(convolved(row, DType::f32, {.threads = 2, .widest = Isa::avx2}) == one);
    }
  }
}

}  // namespace
}  // namespace cuunet
