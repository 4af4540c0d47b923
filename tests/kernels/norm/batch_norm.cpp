#include "kernels/norm/batch_norm.h"

#include "engine/device/host_context.h"
#include "kernels/device/philox.h"
#include "tests/checks/operator_check.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace cuunet;

TEST_CASE("batch_norm writes into channel slices") {
  for (Shape shape : {Shape{2, 3, 4, 5}, Shape{1, 64, 9, 7}}) {
    check_slices("batch_norm/slice", {shape}, shape, [&](Context& context, const std::vector<ConstView>& in, View y) {
      Tensor mean = Tensor::zeros(context, {shape[1]}, DType::f32), inv_std = mean.clone();
      batch_norm_forward(context, {in[0], {}, {}, {}, {}, y, mean.view(), inv_std.view()}, {.training = true});
    });
  }
}

TEST_CASE("batch_norm's statistics of few channels over many pixels are as exact as f32 holds them") {
  HostContext context;
  RandomStream random(1, Purpose::initialisation, 0, 0);
  Shape shape{2, 3, 128, 96};
  std::vector<float> values(static_cast<size_t>(shape.elements()));
  for (float& value : values) value = static_cast<float>(3 + random.unit());
  Tensor x = Tensor::from_host(context, shape, DType::f32, values);
  Tensor y = Tensor::zeros(context, shape, DType::f32), mean = Tensor::zeros(context, {3}, DType::f32);
  Tensor inv_std = mean.clone();
  batch_norm_forward(context, {x.view(), {}, {}, {}, {}, y.view(), mean.view(), inv_std.view()}, {.training = true});
  for (size_t c = 0; c < 3; ++c) {
    double sum = 0;
    size_t pixels = 128 * 96;
    for (size_t n = 0; n < 2; ++n) {
      for (size_t i = 0; i < pixels; ++i) sum += values[(n * 3 + c) * pixels + i];
    }
    double exact = sum / static_cast<double>(2 * pixels);
    // a mean of 3.5 rounded at 2^-24, and three more of its size for sums of at most 512 rows
    CHECK(std::abs(mean.to_host()[c] - exact) <= 4 * 3.5 * 0x1p-24);
  }
}
