#include "engine/tensor/tensor.h"

#include "engine/device/host_context.h"
#include "kernels/device/copy.h"
#include "kernels/device/error.h"
#include "tests/engine/device/far_context.h"

#include <doctest/doctest.h>

#include <numeric>

namespace cuunet {
namespace {

std::vector<double> counted(const Shape& shape) {
  std::vector<double> values(static_cast<size_t>(shape.elements()));
  std::iota(values.begin(), values.end(), 1.0);
  return values;
}

const Shape shapes[] = {{}, {5}, {2, 3, 4}, {2, 3, 4, 5}, {2, 16, 1, 1}, {1, 8, 3, 3}, {0, 3, 4, 4}};

// In ordinary memory, and in memory that only the device can reach (where the host executor is built).
template <class Check>
void on_both(const Check& check) {
  HostContext host;
  check(host);
  if (!fill_zero.built_for(Device::simt)) return;
  FarContext far;
  check(far);
}

}  // namespace

TEST_CASE("tensor: values go in and come out in PyTorch's order, in every type") {
  on_both([](Context& context) {
    for (const Shape& shape : shapes) {
      CAPTURE(shape.text());
      std::vector<double> values = counted(shape);
      for (DType dtype : {DType::f32, DType::bf16, DType::f64, DType::i64, DType::u8}) {
        CHECK(Tensor::from_host(context, shape, dtype, std::span<const double>(values)).to_host() == values);
      }
    }
  });
}

TEST_CASE("tensor: a slice reads and writes its channels alone") {
  on_both([](Context& context) {
    Tensor whole = Tensor::from_host(context, {1, 5, 1, 2}, DType::f32, std::span<const double>(counted({10})));
    Tensor slice = whole.channels(1, 3);
    CHECK(slice.to_host() == std::vector<double>{3, 4, 5, 6});
    slice.assign(std::vector<double>{-3, -4, -5, -6});
    CHECK(whole.to_host() == std::vector<double>{1, 2, -3, -4, -5, -6, 7, 8, 9, 10});
  });
}

TEST_CASE("tensor: reshape keeps PyTorch's order, and the memory where the layouts agree") {
  struct Row {
    Shape from, to;
    bool shared;
  };
  const Row rows[] = {{{2, 3, 4}, {6, 4}, true},      {{2, 16, 1, 1}, {2, 16}, true}, {{2, 16}, {2, 16, 1, 1}, true},
                      {{2, 3, 4, 5}, {2, 60}, false}, {{2, 3, 1, 1}, {2, 3}, false},  {{24, 8, 1}, {24, 8, 1, 1}, true},
                      {{2, 60}, {2, 3, 4, 5}, false}};
  on_both([&](Context& context) {
    for (const Row& row : rows) {
      CAPTURE(row.from.text());
      CAPTURE(row.to.text());
      std::vector<double> values = counted(row.from);
      Tensor x = Tensor::from_host(context, row.from, DType::f32, std::span<const double>(values));
      Tensor y = x.reshape(row.to);
      CHECK(y.to_host() == values);
      CHECK(y.shares_memory_with(x) == row.shared);
    }
  });
}

TEST_CASE("tensor: storage is taken as it lies, pad lanes and all") {
  on_both([](Context& context) {
    Tensor x = Tensor::empty(context, {1, 2, 1, 2}, DType::f32);
    std::vector<float> storage{1, 2, 0, 0, 0, 0, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0};
    x.assign_storage(storage);
    CHECK(x.to_host() == std::vector<double>{1, 3, 2, 4});
    CHECK_THROWS_WITH_AS(x.assign_storage(std::span<const float>(storage).first(8)),
                         "a whole f32 tensor [1, 2, 1, 2] lies in 16 values of memory, got 8", ShapeError);
  });
}

}  // namespace cuunet
