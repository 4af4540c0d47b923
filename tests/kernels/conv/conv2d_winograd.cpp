#include "kernels/conv/conv2d_winograd.h"

#include "engine/device/host_context.h"
#include "engine/tensor/tensor.h"
#include "kernels/conv/conv2d_tiles.h"
#include "kernels/device/philox.h"
#include "tests/checks/operator_check.h"

#include <doctest/doctest.h>

#include <cmath>

namespace cuunet {
namespace {

struct Row {
  const char* name;
  Shape x;
  int64_t outputs;
  Conv2dParams params = {.padding = 1};
  bool bias = true;
};

const Row rows[] = {
    {"one pixel", {1, 16, 1, 1}, 16},
    {"one row", {1, 3, 1, 9}, 8},
    {"odd sizes, channels off the grids of 8 and 16", {2, 99, 7, 9}, 99},
    {"one group of three vectors and one of two", {1, 64, 5, 5}, 68},
    {"runs of 13 channels, most of them not whole", {1, 65, 4, 6}, 20, {.padding = 1}, false},
    {"more runs than are added together", {1, 200, 6, 6}, 130, {.padding = 1, .relu = true}},
    {"blocks that end inside a row", {3, 8, 30, 34}, 16, {.padding = 1, .relu = true}},
    {"mirrored border, odd size", {1, 20, 3, 5}, 8, {1, 1, PaddingMode::reflect}},
    {"repeated border", {1, 20, 1, 2}, 8, {1, 1, PaddingMode::replicate}},
};

using Forward = void(Context&, ConstView, ConstView, ConstView, View, const Conv2dParams&);

std::vector<double> draw(const Shape& shape, uint64_t seed) {
  RandomStream stream(seed, Purpose::scenes);
  std::vector<double> values(static_cast<size_t>(shape.elements()));
  for (double& value : values) value = static_cast<float>(stream.normal());
  return values;
}

Tensor drawn(Context& context, const Shape& shape, DType dtype, uint64_t seed) {
  return Tensor::from_host(context, shape, dtype, std::span<const double>(draw(shape, seed)));
}

// x and y whole, or slices among guards.
std::vector<double> convolved(const Row& row, const HostOptions& options, Forward forward, DType dtype = DType::f32,
                              bool slices = false) {
  HostContext context(options);
  Shape w_shape{row.outputs, row.x[1], 3, 3}, y_shape = conv2d_output_shape(row.x, w_shape, row.params);
  Tensor w = drawn(context, w_shape, dtype, 2), b = drawn(context, {row.outputs}, dtype, 3);
  ConstView bias = row.bias ? ConstView(b.view()) : ConstView{};
  if (!slices) {
    Tensor x = drawn(context, row.x, dtype, 1), y = Tensor::empty(context, y_shape, dtype);
    forward(context, x.view(), w.view(), bias, y.view(), row.params);
    CHECK(pad_lanes_are_zero(y.view()));
    return y.to_host();
  }
  GuardedSlice x(context, row.x, dtype), y(context, y_shape, dtype);
  Tensor(x.slice()).assign(draw(row.x, 1));
  forward(context, x.slice().view(), w.view(), bias, y.slice().view(), row.params);
  CHECK(y.intact());
  return y.slice().to_host();
}

// Root mean square of the errors, of the outputs' size.
double relative_error(const std::vector<double>& found, const std::vector<double>& expected) {
  double error = 0, size = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    error += (found[i] - expected[i]) * (found[i] - expected[i]);
    size += expected[i] * expected[i];
  }
  return std::sqrt(error / size);
}

void as_asked(Context& context, ConstView x, ConstView w, ConstView bias, View y, const Conv2dParams& params) {
  conv2d_forward(context, x, w, bias, y, params);
}

}  // namespace

// 1,800 products are 1.9e-7 off, 2.1e-7 without FMA; the direct convolution is held to the same.
TEST_CASE("conv2d_winograd: as exact as the direct convolution, whatever the instructions, whole or in slices") {
  for (const Row& row : rows) {
    CAPTURE(row.name);
    std::vector<double> exact = convolved(row, {}, as_asked, DType::f64);
    CHECK(relative_error(convolved(row, {}, tiles::conv2d_forward), exact) < 2.5e-7);
    for (Isa isa : {Isa::baseline, Isa::avx2, Isa::avx512}) {
      for (bool slices : {false, true}) {
        CAPTURE(static_cast<int>(isa));
        CAPTURE(slices);
        HostOptions options{.threads = 2, .widest = isa};
        CHECK(relative_error(convolved(row, options, winograd::conv2d_forward, DType::f32, slices), exact) < 2.5e-7);
      }
    }
  }
}

TEST_CASE("conv2d_winograd: the same bits on any number of threads, with AVX2 and AVX-512") {
  for (const Row& row : rows) {
    CAPTURE(row.name);
    std::vector<double> one = convolved(row, {.threads = 1}, winograd::conv2d_forward);
    CHECK(convolved(row, {.threads = 2}, winograd::conv2d_forward) == one);
    CHECK(convolved(row, {.threads = 3}, winograd::conv2d_forward) == one);
    if (widest_isa_of_this_cpu() == Isa::avx512)
      CHECK(convolved(row, {.threads = 2, .widest = Isa::avx2}, winograd::conv2d_forward) == one);
  }
}

TEST_CASE("conv2d goes by Winograd where it is asked to and there are tiles enough, and packs a cache anew for it") {
  HostContext context({.threads = 2});
  Tensor w = drawn(context, {16, 20, 3, 3}, DType::f32, 2);
  WeightsCache cache;
  auto bits = [&](Forward forward, int64_t size, const Conv2dParams& params) {
    Tensor x = drawn(context, {1, 20, size, size}, DType::f32, 1);
    Tensor y = Tensor::empty(context, {1, 16, size, size}, DType::f32);
    forward(context, x.view(), w.view(), {}, y.view(), params);
    return y.to_host();
  };
  for (int64_t size : {12, 6, 12}) {  // 36 tiles, 9, 36
    CAPTURE(size);
    auto direct = bits(tiles::conv2d_forward, size, {.padding = 1});
    auto fewer_products = bits(winograd::conv2d_forward, size, {.padding = 1});
    REQUIRE(direct != fewer_products);
    CHECK(bits(as_asked, size, {.padding = 1, .cache = &cache}) == direct);
    auto asked = bits(as_asked, size, {.padding = 1, .cache = &cache, .winograd = true});
    CHECK(asked == (size == 12 ? fewer_products : direct));
  }
}

TEST_CASE("conv2d_winograd: a NaN reaches the outputs that read it and no others") {
  HostContext context;
  Tensor x = drawn(context, {1, 16, 5, 6}, DType::f32, 1), w = drawn(context, {3, 16, 3, 3}, DType::f32, 2);
  Tensor y = Tensor::empty(context, {1, 3, 5, 6}, DType::f32);
  int64_t h = 2, v = 3;
  x.view().as<float>()[x.view().offset(0, 7, h, v)] = std::nanf("");
  winograd::conv2d_forward(context, x.view(), w.view(), {}, y.view(), {.padding = 1, .relu = true});
  CHECK(pad_lanes_are_zero(y.view()));
  for (int64_t p = 0; p < 5; ++p) {
    for (int64_t q = 0; q < 6; ++q) {
      bool reads = std::abs(p - h) <= 1 && std::abs(q - v) <= 1;
      CHECK(std::isnan(y.view().as<float>()[y.view().offset(0, 1, p, q)]) == reads);
    }
  }
}

}  // namespace cuunet
