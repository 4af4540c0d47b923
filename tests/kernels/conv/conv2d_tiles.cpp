#include "kernels/conv/conv2d_tiles.h"

#include "engine/device/host_context.h"
#include "engine/tensor/tensor.h"
#include "kernels/device/philox.h"

#include <doctest/doctest.h>

#include <cmath>

namespace cuunet {
namespace {

Tensor draw(Context& context, const Shape& shape, uint64_t seed) {
  RandomStream stream(seed, Purpose::scenes);
  std::vector<float> values(static_cast<size_t>(shape.elements()));
  for (float& value : values) value = static_cast<float>(stream.normal());
  return Tensor::from_host(context, shape, DType::f32, std::span<const float>(values));
}

Tensor in_f64(Context& context, const Tensor& x) {
  return Tensor::from_host(context, x.shape(), DType::f64, std::span<const double>(x.to_host()));
}

struct Row {
  const char* name;
  Shape x, w;
  Conv2dParams params;
};

const Row rows[] = {
    {"one group of three vectors and one of two", {2, 70, 9, 7}, {68, 70, 3, 3}, {.padding = 1}},
    {"three channels, several taps to a run", {1, 3, 33, 20}, {64, 3, 7, 7}, {.stride = 2, .padding = 3}},
    {"one output", {1, 99, 12, 12}, {1, 99, 1, 1}, {}},
    {"more pixels than a block", {1, 8, 64, 64}, {40, 8, 3, 3}, {.padding = 1, .padding_mode = PaddingMode::reflect}},
    {"as many taps as the table holds", {1, 4, 20, 20}, {8, 4, 14, 14}, {}},
};

std::vector<float> convolved(const Row& row, const HostOptions& options) {
  HostContext context(options);
  Tensor x = draw(context, row.x, 1), w = draw(context, row.w, 2), b = draw(context, {row.w[0]}, 3);
  Tensor y = Tensor::empty(context, conv2d_output_shape(row.x, row.w, row.params), DType::f32);
  REQUIRE(tiles::can_convolve(x.view(), row.w, y.view()));
  tiles::conv2d_forward(context, x.view(), w.view(), b.view(), y.view(), row.params);
  return y.to_host_f32();
}

}  // namespace

TEST_CASE("conv2d_tiles: the same bits on any number of threads, with AVX2 and AVX-512") {
  for (const Row& row : rows) {
    CAPTURE(row.name);
    std::vector<float> one = convolved(row, {.threads = 1});
    CHECK(convolved(row, {.threads = 2}) == one);
    CHECK(convolved(row, {.threads = 5}) == one);
    if (widest_isa_of_this_cpu() == Isa::avx512) CHECK(convolved(row, {.threads = 2, .widest = Isa::avx2}) == one);
  }
}

namespace {

double relative_error(const Tensor& y, const Tensor& exact) {
  std::vector<double> found = y.to_host(), expected = exact.to_host();
  double error = 0, size = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    error += (found[i] - expected[i]) * (found[i] - expected[i]);
    size += expected[i] * expected[i];
  }
  return std::sqrt(error / size);
}

}  // namespace

// 4,608 products: (16 + 8 + 36) / 2 roundings of a whole sum, in squares, against 4,608 / 2. oneDNN's NHWC kernel
// is 7.0e-7 off.
TEST_CASE("conv2d_tiles: an output is 1.5e-7 off, a fifth of what one running sum is") {
  HostContext context({.threads = 2});
  Tensor x = draw(context, {1, 512, 12, 12}, 1), w = draw(context, {64, 512, 3, 3}, 2);
  Tensor y = Tensor::empty(context, {1, 64, 12, 12}, DType::f32);
  Tensor exact = Tensor::empty(context, y.shape(), DType::f64);
  tiles::conv2d_forward(context, x.view(), w.view(), {}, y.view(), {.padding = 1});
  conv2d_forward(context, in_f64(context, x).view(), in_f64(context, w).view(), {}, exact.view(), {.padding = 1});
  CHECK(relative_error(y, exact) < 1.5e-7);
}

TEST_CASE("conv2d_tiles: a NaN stays one after ReLU and out of the pad lanes") {
  HostContext context;
  Tensor x = draw(context, {1, 8, 2, 2}, 1), w = draw(context, {3, 8, 1, 1}, 2);
  Tensor y = Tensor::empty(context, {1, 3, 2, 2}, DType::f32);
  x.view().as<float>()[0] = std::nanf("");
  conv2d_forward(context, x.view(), w.view(), {}, y.view(), {.relu = true});
  CHECK(std::isnan(y.to_host()[0]));
  for (int64_t lane = 3; lane < 8; ++lane) CHECK(y.view().as<float>()[lane] == 0);
}

}  // namespace cuunet
