#include "engine/tensor/host_values.h"

#include "engine/device/host_context.h"
#include "kernels/device/copy.h"
#include "kernels/device/error.h"
#include "tests/engine/device/far_context.h"

#include <doctest/doctest.h>

namespace cuunet {
namespace {

std::vector<float> counted(const Shape& shape) {
  std::vector<float> values(static_cast<size_t>(shape.elements()));
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 251);  // exact in bf16
  return values;
}

// Planes become pixels; by more than one thread, with a last part of a map that is not whole.
void check_places(Context& context) {
  for (const Shape& shape :
       {Shape{}, Shape{70001}, Shape{2, 3, 4}, Shape{70, 37, 3, 3}, Shape{3, 300, 33, 9}, Shape{0, 3, 4, 4}}) {
    CAPTURE(shape.text());
    std::vector<float> values = counted(shape);
    for (DType dtype : {DType::f32, DType::bf16, DType::f64}) {
      Tensor tensor = Tensor::zeros(context, shape, dtype);
      int64_t version = tensor.version();
      assign(tensor, values);
      CHECK(tensor.version() > version);
      CHECK(tensor.to_host_f32() == values);
    }
  }
}

}  // namespace

TEST_CASE("host_values: every element comes to its place, and a slice's neighbours stay") {
  HostContext context({.threads = 3});
  check_places(context);
  if (fill_zero.built_for(Device::simt)) {
    FarContext far;
    check_places(far);
  }
  Tensor whole = Tensor::from_host(context, {3, 2, 1, 1}, DType::f32, std::vector<float>{1, 2, 3, 4, 5, 6});
  assign(whole.images(1, 2), std::vector<float>{-3, -4});
  CHECK(whole.to_host() == std::vector<double>{1, 2, -3, -4, 5, 6});
  CHECK_THROWS_WITH_AS(assign(whole, std::vector<float>{1}), "a tensor [3, 2, 1, 1] takes 6 values, got 1", ShapeError);
}

}  // namespace cuunet
