// Expected numbers were computed from the stated formula by a separate program in exact integer arithmetic and doubles
// rounded to f32 after each operation; equality is bit for bit.
#include "tools/verify/named_values.h"

#include <doctest/doctest.h>

#include "kernels/device/error.h"

namespace cuunet {
namespace {

using Values = std::vector<float>;

Values first(Values values, size_t count) {
  values.resize(count);
  return values;
}

TEST_CASE("uniform values depend on key, index and salt alone") {
  CHECK(uniform_values("aug_flip/image", 4) == Values{0x1.57ce70p-1f, 0x1.1ad5c8p-2f, -0x1.543240p-4f, 0x1.d451acp-1f});
  CHECK(uniform_values("relu/0/input", 3, 7) == Values{0x1.2ae2f4p-1f, 0x1.fda52cp-1f, 0x1.f17d8cp-1f});
  CHECK(uniform_values("aug_flip/image", 0).empty());
}

TEST_CASE("parameters follow the rule of their state-dict name") {
  using Dims = std::vector<int64_t>;
  CHECK(parameter_values("layers.1.running_mean", Dims{3}) == Values{0x1.45fe6ep-4f, -0x1.0a3674p-6f, -0x1.6c424ap-4f});
  CHECK(parameter_values("layers.1.weight", Dims{3}) == Values{0x1.2e7fdcp+0f, 0x1.102394p+0f, 0x1.a0f894p-1f});
  CHECK(first(parameter_values("layers.0.0.weight", Dims{2, 3, 3, 3}), 3) ==
        Values{0x1.211cc6p-3f, -0x1.543caep-2f, 0x1.119d56p-6f});
  CHECK(parameter_values("layers.4.shuf.conv.0.weight_u", Dims{3}) ==
        Values{0x1.ce3aeep-4f, -0x1.fbae14p-1f, -0x1.0546c8p-4f});
  CHECK(parameter_values("a.gamma", Dims{1}) == Values{0x1.0b5478p-1f});
  CHECK(parameter_values("a.bias", Dims{1}) == Values{0x1.f9cae6p-6f});
  CHECK(parameter_values("layers.1.num_batches_tracked", Dims{}) == Values{0});
}

TEST_CASE("weight_v is a direction in weight norm and a unit vector in spectral norm") {
  using Dims = std::vector<int64_t>;
  Values v = parameter_values("c.weight_v", Dims{2, 3, 1, 1});
  Values u = uniform_values("c.weight_v", 6);
  for (size_t i = 0; i < 6; ++i) CHECK(v[i] == u[i]);  // sqrt(3 / 3) = 1
  double norm = 0;
  for (float x : parameter_values("c.weight_v", Dims{9})) norm += static_cast<double>(x) * x;
  CHECK(norm == doctest::Approx(1).epsilon(1e-6));  // nine f32 roundings
}

TEST_CASE("inputs are put through the transform of the case") {
  CHECK(input_values("k", "uniform", 2) == Values{-0x1.975bfcp-1f, 0x1.764710p-1f});
  CHECK(input_values("k", "floor(16*uniform)/16", 5) == Values{-0.8125f, 0.6875f, 0.75f, 0.0625f, -0.4375f});
  Values bytes{26, 221, 226, 141, 78};
  CHECK(input_values("k", "byte(uniform)", 5) == bytes);
  CHECK(input_values("k", "uint8: floor(128 * (1 + uniform))", 5) == bytes);
  CHECK(input_values("k", "floor(128*(uniform+1)) computed in float64, HWC, left half A, right half B", 5) == bytes);
  CHECK(input_values("k", "0.02*uniform", 1) == Values{-0x1.04b5c0p-6f});
  CHECK(input_values("k", "0.03 + 0.03*uniform", 1) == Values{0x1.91d1f8p-8f});
  CHECK(input_values("k", "0.5 + 0.5 * uniform", 1) == input_values("k", "0.5 + 0.5*uniform", 1));
  CHECK(input_values("k", "-2 + 1*uniform", 1) == Values{-2.0f - 0x1.975bfcp-1f});
  CHECK(input_values("k", "max(uniform, 0)", 2) == Values{0, 0x1.764710p-1f});
  CHECK(input_values("k", "uniform < -0.7 ? 0 : 1", 5) == Values{0, 1, 1, 1, 1});
  CHECK(input_values("k", "3.5 where uniform >= 0, else -3.5", 5) == Values{-3.5f, 3.5f, 3.5f, 3.5f, -3.5f});
  CHECK(input_values("k", "constant 0.25", 2) == Values{0.25f, 0.25f});
  CHECK(input_values("k", "0.00000001*uniform", 1) == Values{1e-8f * -0x1.975bfcp-1f});
  CHECK_THROWS_WITH_AS(input_values("k", "sin(uniform)", 1),
                       "k: unknown transform 'sin(uniform)'; expected one like 'a + b*uniform'", Error);
}

TEST_CASE("probes are sum, norm and a dot product with named values") {
  auto [sum, norm, dot] = probes_of("k", std::vector<double>{1, -2, 3});
  CHECK(sum == 2);
  CHECK(norm == 0x1.deeea11683f49p+1);
  CHECK(dot == 0x1.8780560000000p+0);
}

}  // namespace
}  // namespace cuunet
