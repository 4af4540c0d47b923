// The host executor itself: kernels that are right give the same bits in every thread order.
#include "kernels/device/intrinsics.h"

#include <doctest/doctest.h>

#include <numeric>
#include <vector>

namespace cuunet::simt {
namespace {

constexpr ThreadOrder orders[] = {ThreadOrder::forward, ThreadOrder::reverse, ThreadOrder::shuffled};

LaunchConfig config(dim3 grid, dim3 block, ThreadOrder order, size_t shared = 0) {
  return {grid, block, shared, {order}};
}

struct SumShared {
  float partial[8];
};

// y[block] = Σ of 256 values: shuffles within warps, shared memory between them.
__global__ void block_sum(const float* x, float* y) {
  auto& shared = block_shared<SumShared>();
  float v = x[blockIdx.x * blockDim.x + threadIdx.x];
  for (int lanes = 16; lanes > 0; lanes /= 2) v += __shfl_xor_sync(all_lanes, v, lanes);
  if (threadIdx.x % 32 == 0) shared.partial[threadIdx.x / 32] = v;
  __syncthreads();
  if (threadIdx.x != 0) return;
  float sum = 0;
  for (float p : shared.partial) sum += p;
  y[blockIdx.x] = sum;
}

__global__ void indices(uint32_t* y) {
  unsigned block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
  unsigned thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
  y[block * 24 + thread] = block * 24 + thread;
}

// Reverses 64 words per round through the dynamic part, filled by asynchronous copies.
__global__ void reverse_words(const float* x, float* y, int rounds) {
  float* shared = dynamic_shared<float>();
  int t = static_cast<int>(threadIdx.x);
  for (int round = 0; round < rounds; ++round) {
    if (t < 16) cp_async(shared + 4 * t, x + 64 * round + 4 * t, t == 15 ? 8 : 16);
    cp_async_commit();
    cp_async_wait<0>();
    __syncthreads();
    y[64 * round + t] = shared[63 - t];
    __syncthreads();
  }
}

__global__ void votes(uint32_t* y) {
  int lane = static_cast<int>(threadIdx.x % 32);
  unsigned half = lane < 16 ? 0x0000FFFFu : 0xFFFF0000u;
  uint32_t odd = __ballot_sync(all_lanes, lane % 2);
  int any = __any_sync(half, lane == 3), all = __all_sync(half, lane >= 16);
  int from = __shfl_sync(all_lanes, lane, 5), up = __shfl_up_sync(all_lanes, lane, 3u);
  int down = __shfl_down_sync(all_lanes, lane, 2u, 8);
  __syncwarp();
  bool right = odd == 0xAAAAAAAAu && any == (lane < 16) && all == (lane >= 16) && from == 5 &&
               up == (lane < 3 ? lane : lane - 3) && down == (lane % 8 < 6 ? lane + 2 : lane);
  y[threadIdx.x] = right;
}

TEST_CASE("simt: indices of blocks and threads") {
  for (ThreadOrder order : orders) {
    std::vector<uint32_t> y(24 * 30, 7), expected(24 * 30);
    std::iota(expected.begin(), expected.end(), 0u);
    launch<indices>(config({2, 3, 5}, {2, 3, 4}, order), y.data());
    CHECK(y == expected);
  }
}

TEST_CASE("simt: a sum over warps and shared memory") {
  std::vector<float> x(256 * 5);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 97);
  for (ThreadOrder order : orders) {
    std::vector<float> y(5, -1.0f);
    launch<block_sum>(config(5, 256, order), x.data(), y.data());
    for (size_t b = 0; b < 5; ++b) CHECK(y[b] == std::accumulate(x.begin() + 256 * b, x.begin() + 256 * (b + 1), 0.0f));
  }
}

TEST_CASE("simt: asynchronous copies arrive at their wait, with zeros beyond the valid bytes") {
  std::vector<float> x(64 * 3);
  std::iota(x.begin(), x.end(), 1.0f);
  for (ThreadOrder order : orders) {
    std::vector<float> y(64 * 3, -1.0f);
    launch<reverse_words>(config(1, 64, order, 256), x.data(), y.data(), 3);
    for (size_t i = 0; i < y.size(); ++i) {
      size_t source = i / 64 * 64 + 63 - i % 64;
      CHECK(y[i] == (source % 64 >= 62 ? 0.0f : x[source]));
    }
  }
}

TEST_CASE("simt: shuffles and votes, also of half warps") {
  for (ThreadOrder order : orders) {
    std::vector<uint32_t> y(96, 0);
    launch<votes>(config(1, 96, order), y.data());
    CHECK(y == std::vector<uint32_t>(96, 1));
  }
}

TEST_CASE("simt: kernels keep their names") {
  auto name = [](auto... text) { return kernel_name(text...); };
  CHECK(name("void launch(const LaunchConfig&, const A& ...) [with auto kernel = f<64>; A = {int}]") == "f<64>");
  CHECK(name("void launch(const LaunchConfig&) [with auto kernel = f]") == "f");
}

}  // namespace
}  // namespace cuunet::simt
