#include "weights/format/owned_tensors.h"

#include "kernels/device/error.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

namespace cuunet {
namespace {

TEST_CASE("owned tensors: every half survives, and between two the nearest is taken, ties to even") {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    auto half = static_cast<uint16_t>(bits);
    double value = half_to_float(half);
    if (std::isnan(value)) continue;
    REQUIRE(float_to_half(value) == half);
    if ((bits & 0x7FFF) >= 0x7BFF) continue;
    double above = half_to_float(static_cast<uint16_t>(half + 1)), middle = (value + above) / 2;
    REQUIRE(float_to_half(middle) == half + (half & 1));
    REQUIRE(float_to_half(std::nextafter(middle, value)) == half);
    REQUIRE(float_to_half(std::nextafter(middle, above)) == half + 1);
  }
  CHECK(float_to_half(65519.99) == 0x7BFF);
  CHECK(float_to_half(65520) == 0x7C00);
  CHECK(float_to_half(-1e300) == 0xFC00);
  CHECK(std::isnan(half_to_float(float_to_half(std::numeric_limits<double>::quiet_NaN()))));
}

TEST_CASE("owned tensors: floating-point types change, integers stay, what f16 cannot hold is named") {
  OwnedTensors owned;
  std::vector<float> x{1, 2.0009765625f, 3};  // the second lies between two bfloat16
  std::vector<int64_t> n{7};
  StoredTensor bf16 = owned.cast(stored_tensor("x", {3}, x), StoredType::bf16);
  CHECK(bf16.type == StoredType::bf16);
  CHECK(to_floats(bf16) == std::vector<float>{1, 2, 3});
  CHECK(owned.cast(stored_tensor("n", {1}, n), StoredType::bf16).type == StoredType::i64);
  std::vector<double> between{1 + 0x1p-8 + 0x1p-40};  // f32 would round it to the tie, and the tie down to 1
  CHECK(to_floats(owned.add("d", StoredType::bf16, {1}, between)) == std::vector<float>{1 + 0x1p-7f});
  std::vector<float> large{70000};
  CHECK_THROWS_WITH_AS(owned.cast(stored_tensor("w", {1}, large), StoredType::f16),
                       "'w' holds 70000, beyond f16's largest number 65504; take bf16", Error);
}

}  // namespace
}  // namespace cuunet
