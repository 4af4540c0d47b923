// Loops and sums on the CPU: every index once, the same bits with any number of threads, all instruction sets.
#include "kernels/device/elementwise.h"
#include "kernels/device/lane_sums.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <vector>

namespace cuunet {
namespace {

class SmallContext final : public Context {
 public:
  SmallContext(int threads, Isa isa) : Context(Device::cpu, threads, std::min(isa, widest_isa_of_this_cpu())) {}
  void* allocate(size_t bytes) override { return std::malloc(bytes); }
  void release(void* pointer, size_t) override { std::free(pointer); }
};

constexpr Isa sets[] = {Isa::baseline, Isa::avx2, Isa::avx512};

TEST_CASE("parallel_for: every index once, in parts no shorter than the grain") {
  for (int threads : {1, 2, 5}) {
    for (int64_t count : {0, 1, 7, 64, 1000}) {
      SmallContext context(threads, Isa::baseline);
      std::vector<int> seen(static_cast<size_t>(count));
      std::vector<int64_t> part_at(static_cast<size_t>(count));  // the length of the part that begins there
      int* of = seen.data();
      int64_t* parts = part_at.data();
      parallel_for(context, count, 16, [of, parts](int64_t begin, int64_t end) {
        parts[begin] = end - begin;
        for (int64_t i = begin; i < end; ++i) ++of[i];
      });
      CHECK(seen == std::vector<int>(static_cast<size_t>(count), 1));
      for (int64_t part : part_at) CHECK_UNARY(part == 0 || part >= std::min<int64_t>(16, count));
    }
  }
}

TEST_CASE("parallel_sum: the same bits with any number of threads") {
  constexpr int64_t count = 100003;
  auto sum_with = [](int threads) {
    SmallContext context(threads, Isa::baseline);
    return parallel_sum(context, count, 1000, [](int64_t begin, int64_t end) {
      double sum = 0;
      for (int64_t i = begin; i < end; ++i) sum += 1.0 / static_cast<double>(i + 1);
      return sum;
    });
  };
  double alone = sum_with(1);
  CHECK(alone == doctest::Approx(std::log(count) + 0.5772156649).epsilon(1e-6));  // the harmonic sum, + 1/(2 count)
  for (int threads : {2, 3, 7}) CHECK(sum_with(threads) == alone);
}

TEST_CASE("lane sums: beyond the last whole eight, and exact where the products are") {
  std::vector<float> a, b;
  double expected = 0;
  for (int n = 0; n < 30; ++n) {
    CHECK(sum_of_products(a.data(), b.data(), n) == expected);
    a.push_back(static_cast<float>(n - 11));
    b.push_back(static_cast<float>(3 * n + 1));
    expected += static_cast<double>(a.back()) * static_cast<double>(b.back());
  }
}

// A slice of five channels in rows of twelve elements, of which seven lanes are its own.
TEST_CASE("map on the CPU: zeros in the pad lanes, nothing beside the slice") {
  for (Isa isa : sets) {
    SmallContext context(2, isa);
    std::vector<float> x(6 * 12, 3.0f), y(6 * 12, -1.0f);
    Shape shape{1, 5, 2, 3};
    map(
        context, View{y.data(), DType::f32, shape, 12, 7}, [](auto v) { return v + 1; },
        ConstView{x.data(), DType::f32, shape, 12, 5});
    int wrong = 0;
    for (size_t i = 0; i < y.size(); ++i) wrong += y[i] != (i % 12 < 5 ? 4.0f : i % 12 < 7 ? 0.0f : -1.0f);
    CHECK(wrong == 0);
  }
}

}  // namespace
}  // namespace cuunet
