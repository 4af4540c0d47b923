#include "kernels/device/block_sum.cuh"

#include <doctest/doctest.h>

#include <numeric>
#include <string>
#include <vector>

namespace cuunet::simt {
namespace {

constexpr ThreadOrder orders[] = {ThreadOrder::forward, ThreadOrder::reverse, ThreadOrder::shuffled};

// Also the sum of the negated values, in the same memory.
__global__ void sum_twice(const double* x, double* sum, double* negative, bool barrier) {
  sum[threadIdx.x] = block_sum(x[threadIdx.x]);
  if (barrier) __syncthreads();
  negative[threadIdx.x] = block_sum(-x[threadIdx.x]);
}

struct Sums {
  std::vector<double> sum = std::vector<double>(sum_threads), negative = sum;
  Sums(const std::vector<double>& x, ThreadOrder order, bool barrier) {
    launch<sum_twice>({1, sum_threads, 0, {order}}, x.data(), sum.data(), negative.data(), barrier);
  }
};

TEST_CASE("block_sum: every thread gets the sum, with the same bits in every order") {
  std::vector<double> x(sum_threads);
  for (size_t i = 0; i < x.size(); ++i) x[i] = 1.0 / static_cast<double>(i + 1);
  double exact = std::accumulate(x.rbegin(), x.rend(), 0.0);  // the small ones first
  Sums forward(x, ThreadOrder::forward, true);
  CHECK(forward.sum[0] == doctest::Approx(exact).epsilon(1e-14));  // some roundings of 2^-53
  for (ThreadOrder order : orders) {
    Sums sums(x, order, true);
    CHECK(sums.sum == std::vector<double>(sum_threads, forward.sum[0]));
    CHECK(sums.negative == std::vector<double>(sum_threads, -forward.sum[0]));
  }
}

TEST_CASE("block_sum: a second sum without a barrier before it is seen") {
  std::vector<double> x(sum_threads, 1.0);
  bool seen = false;
  for (ThreadOrder order : orders) {
    try {
      Sums sums(x, order, false);
      seen |= sums.sum != std::vector<double>(sum_threads, 256.0);
    } catch (const Error& error) {
      seen |= std::string(error.what()).find("race in shared memory") != std::string::npos;
    }
  }
  CHECK(seen);
}

}  // namespace
}  // namespace cuunet::simt
