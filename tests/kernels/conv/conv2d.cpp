// All three passes against the sum in the header, written out, in double. Operands are floor(16·u)/16, so that every
// partial sum is exact in every precision: results must be equal, whatever the order of summation.
#include "kernels/conv/conv2d.h"

#include <doctest/doctest.h>

#include <cmath>

#include "engine/device/host_context.h"
#include "engine/tensor/tensor.h"
#include "kernels/device/parallel.h"
#include "kernels/device/philox.h"

namespace cuunet {
namespace {

struct Row {
  const char* name;
  int64_t n, c, h, w, k, r, s;
  Conv2dParams params;
  const char* why;
};

const Row rows[] = {
    {"conv2d/1x1", 2, 5, 4, 6, 7, 1, 1, {}, "no neighbours, channels off the grid of 8"},
    {"conv2d/3x3", 2, 3, 9, 8, 16, 3, 3, {1, 1}, "the network's usual kernel, three channels in"},
    {"conv2d/3x3_wide", 1, 40, 13, 13, 24, 3, 3, {1, 1}, "several blocks of channels and pixels"},
    {"conv2d/7x7_stride2", 1, 3, 15, 17, 9, 7, 7, {2, 3}, "the encoder's first layer, odd sizes"},
    {"conv2d/1x1_stride2", 2, 16, 7, 8, 8, 1, 1, {2, 0}, "three of four pixels are not read"},
    {"conv2d/4x4_stride2", 1, 6, 8, 8, 11, 4, 4, {2, 1}, "even kernel: NectarGAN's"},
    {"conv2d/1x3", 1, 8, 5, 9, 8, 1, 3, {1, 1}, "not square"},
    {"conv2d/padding_beyond", 1, 2, 3, 3, 2, 2, 2, {3, 3}, "taps that lie wholly outside"},
    {"conv2d/reflect", 2, 5, 6, 7, 9, 3, 3, {1, 1, PaddingMode::reflect}, "mirror"},
    {"conv2d/reflect_wide", 1, 3, 7, 7, 4, 5, 5, {2, 3, PaddingMode::reflect}, "mirror with stride"},
    {"conv2d/replicate", 2, 5, 6, 7, 9, 3, 3, {1, 1, PaddingMode::replicate}, "border"},
    {"conv2d/replicate_wide", 1, 3, 2, 2, 4, 3, 3, {1, 4, PaddingMode::replicate}, "pad larger than the image"},
    {"conv2d/relu", 1, 4, 6, 6, 8, 3, 3, {1, 1, PaddingMode::zeros, true}, "fused ReLU, forward only"},
    {"conv2d/empty_batch", 0, 4, 6, 6, 8, 3, 3, {1, 1}, "no images"},
};

std::vector<double> draw(RandomStream& stream, int64_t count) {
  std::vector<double> values(static_cast<size_t>(count));
  for (double& value : values) value = std::floor(stream.uniform(-16, 16)) / 16;
  return values;
}

struct Expected {
  std::vector<double> y, grad_x, grad_w, grad_bias;
};

Expected written_out(const Row& t, const Shape& y, const std::vector<double>& x, const std::vector<double>& w,
                     const std::vector<double>& b, const std::vector<double>& g) {
  Expected e{std::vector<double>(g.size()), std::vector<double>(x.size()), std::vector<double>(w.size()),
             std::vector<double>(b.size())};
  size_t out = 0;
  for (int64_t n = 0; n < t.n; ++n) {
    for (int64_t k = 0; k < t.k; ++k) {
      for (int64_t p = 0; p < y[2]; ++p) {
        for (int64_t q = 0; q < y[3]; ++q, ++out) {
          e.y[out] = b[k];
          e.grad_bias[k] += g[out];
          for (int64_t c = 0; c < t.c; ++c) {
            for (int64_t r = 0; r < t.r; ++r) {
              for (int64_t s = 0; s < t.s; ++s) {
                int64_t i = padded_index(p * t.params.stride + r - t.params.padding, t.h, t.params.padding_mode);
                int64_t j = padded_index(q * t.params.stride + s - t.params.padding, t.w, t.params.padding_mode);
                if (i < 0 || j < 0) continue;
                int64_t from = ((n * t.c + c) * t.h + i) * t.w + j, tap = ((k * t.c + c) * t.r + r) * t.s + s;
                e.y[out] += w[tap] * x[from];
                e.grad_x[from] += w[tap] * g[out];
                e.grad_w[tap] += x[from] * g[out];
              }
            }
          }
          if (t.params.relu) e.y[out] = std::max(e.y[out], 0.0);
        }
      }
    }
  }
  return e;
}

double largest_difference(const Tensor& found, const std::vector<double>& expected) {
  std::vector<double> values = found.to_host();
  REQUIRE(values.size() == expected.size());
  double largest = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    double difference = std::fabs(values[i] - expected[i]);
    largest = difference <= largest ? largest : difference;  // a NaN stays
  }
  return largest;
}

bool pad_lanes_are_zero(const Tensor& tensor) {
  View view = tensor.view();
  Shape padded{view.n(), view.pixel_stride, view.h(), view.w()};
  double sum = 0;
  visit_float(view.dtype, [&]<class T>(T) {
    for (int64_t row = 0; row < view.rows(); ++row) {
      for (int64_t lane = view.c(); lane < view.pixel_stride; ++lane) {
        sum += std::fabs(static_cast<double>(view.as<T>()[row * view.pixel_stride + lane]));
      }
    }
  });
  return sum == 0;
}

// bf16 results carry one rounding of the exact sum: the expected values are rounded the same way.
std::vector<double> stored_as(DType dtype, std::vector<double> values) {
  if (dtype == DType::bf16) {
    for (double& v : values) v = bfloat16(static_cast<float>(v));
  }
  return values;
}

void check(const Row& row, Context& context, DType dtype, bool slices) {
  CAPTURE(row.name);
  CAPTURE(name_of(dtype));
  CAPTURE(slices);
  DType parameters = dtype == DType::f64 ? DType::f64 : DType::f32;
  Shape x_shape{row.n, row.c, row.h, row.w}, w_shape{row.k, row.c, row.r, row.s};
  Shape y_shape = conv2d_output_shape(x_shape, w_shape, row.params);
  RandomStream stream(1, Purpose::scenes);
  auto x = draw(stream, x_shape.elements()), w = draw(stream, w_shape.elements()), b = draw(stream, row.k);
  auto g = draw(stream, y_shape.elements());
  Expected expected = written_out(row, y_shape, x, w, b, g);

  // A slice starts at channel 3 of a wider tensor full of ones.
  auto place = [&](const Shape& shape) {
    if (!slices) return Tensor::empty(context, shape, dtype);
    Shape wide{shape[0], shape[1] + 5, shape[2], shape[3]};
    std::vector<double> ones(static_cast<size_t>(wide.elements()), 1.0);
    return Tensor::from_host(context, wide, dtype, std::span<const double>(ones)).channels(3, 3 + shape[1]);
  };
  Tensor tx = place(x_shape), tg = place(y_shape), y = place(y_shape), grad_x = place(x_shape);
  tx.assign(x);
  tg.assign(g);
  Tensor tw = Tensor::from_host(context, w_shape, parameters, std::span<const double>(w));
  Tensor tb = Tensor::from_host(context, {row.k}, parameters, std::span<const double>(b));
  Tensor grad_w = Tensor::empty(context, w_shape, parameters), grad_b = Tensor::empty(context, {row.k}, parameters);

  conv2d_forward(context, tx.view(), tw.view(), tb.view(), y.view(), row.params);
  conv2d_backward_input(context, tg.view(), tw.view(), grad_x.view(), row.params);
  conv2d_backward_weight(context, tx.view(), tg.view(), grad_w.view(), grad_b.view(), row.params);
  CHECK(largest_difference(y, stored_as(dtype, expected.y)) == 0);
  CHECK(largest_difference(grad_x, stored_as(dtype, expected.grad_x)) == 0);
  CHECK(largest_difference(grad_w, expected.grad_w) == 0);
  CHECK(largest_difference(grad_b, expected.grad_bias) == 0);
  CHECK(pad_lanes_are_zero(grad_w));
  if (!slices) CHECK((pad_lanes_are_zero(y) && pad_lanes_are_zero(grad_x)));
}

TEST_CASE("conv2d equals the sum it stands for") {
  for (Isa isa : {Isa::avx512, Isa::baseline}) {
    HostContext context({.threads = 2, .widest = isa});
    for (const Row& row : rows) {
      for (DType dtype : {DType::f64, DType::f32, DType::bf16}) {
        for (bool slices : {false, true}) check(row, context, dtype, slices);
      }
    }
  }
}

TEST_CASE("conv2d packs the weights of a cache once per format") {
  HostContext context({.threads = 2});
  RandomStream stream(2, Purpose::scenes);
  WeightsCache cache;
  Tensor w = Tensor::from_host(context, {20, 12, 3, 3}, DType::f32, std::span<const double>(draw(stream, 20 * 12 * 9)));
  Tensor x = Tensor::from_host(context, {1, 12, 8, 8}, DType::f32, std::span<const double>(draw(stream, 12 * 64)));
  Tensor y = Tensor::empty(context, {1, 20, 8, 8}, DType::f32), again = Tensor::empty(context, y.shape(), DType::f32);
  conv2d_forward(context, x.view(), w.view(), {}, y.view(), {.padding = 1, .cache = &cache});
  REQUIRE(cache.packed != nullptr);
  w.copy_from(Tensor::zeros(context, w.shape(), DType::f32));
  conv2d_forward(context, x.view(), w.view(), {}, again.view(), {.padding = 1, .cache = &cache});
  CHECK(again.to_host() == y.to_host());
  cache = {};
  conv2d_forward(context, x.view(), w.view(), {}, again.view(), {.padding = 1, .cache = &cache});
  CHECK(largest_difference(again, std::vector<double>(20 * 64)) == 0);
}

TEST_CASE("conv2d names what does not fit") {
  auto shape_of = [](Shape x, Shape w, Conv2dParams params) { conv2d_output_shape(x, w, params); };
  CHECK_THROWS_WITH(shape_of({1, 96, 64, 64}, {300, 99, 3, 3}, {}),
                    "conv2d expects 99 input channels (weight [300, 99, 3, 3]), got 96 (x [1, 96, 64, 64])");
  CHECK_THROWS_WITH(shape_of({1, 3, 4, 9}, {8, 3, 3, 3}, {1, 4, PaddingMode::reflect}),
                    "conv2d with reflect padding 4 expects an image larger than that, got x [1, 3, 4, 9]");
  CHECK_THROWS_WITH(shape_of({1, 3, 1, 9}, {8, 3, 4, 4}, {1, 1}),
                    "conv2d with padding 1 expects an image no smaller than weight [8, 3, 4, 4], got x [1, 3, 1, 9]");
}

}  // namespace
}  // namespace cuunet
