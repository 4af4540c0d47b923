// The race checker: seeded races are found in every thread order, by both lines, also where the numbers are right.
#include "kernels/device/intrinsics.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace cuunet::simt {
namespace {

struct Words {
  float word[64];
};

__global__ void rotate(float* y, int lanes, bool barrier) {
  auto& shared = block_shared<Words>();
  shared.word[threadIdx.x] = static_cast<float>(threadIdx.x);
  if (barrier) __syncthreads();
  y[threadIdx.x] = shared.word[(threadIdx.x + static_cast<unsigned>(lanes)) % 64];
}

// Brings the lanes of a warp together, and orders no memory.
using Meeting = void (*)();
const Meeting meetings[] = {
    [] { __shfl_sync(all_lanes, 0, 0); },
    [] { __shfl_up_sync(all_lanes, 0, 1u); },
    [] { __shfl_down_sync(all_lanes, 0, 1u); },
    [] { __shfl_xor_sync(all_lanes, 0, 1); },
    [] { __ballot_sync(all_lanes, 1); },
    [] { __any_sync(all_lanes, 1); },
    [] { __all_sync(all_lanes, 1); },
    [] {
      float sum[1][1][4] = {};
      uint32_t a[1][4] = {}, b[1][2] = {};
      mma_bf16<1, 1>(sum, a, b);
    },
    [] {
      float sum[1][1][4] = {};
      uint32_t a[1][4] = {}, b[1][2] = {};
      mma_tf32<1, 1>(sum, a, b);
    },
};

// Right in every order that runs a whole warp ahead, and still a race.
__global__ void exchange_in_warp(float* y, Meeting meet, bool sync) {
  auto& shared = block_shared<Words>();
  shared.word[threadIdx.x] = 1;
  meet();
  if (sync) __syncwarp();
  y[threadIdx.x] = shared.word[threadIdx.x ^ 1];
}

__global__ void overwrite_what_others_read(float* y) {
  auto& shared = block_shared<Words>();
  shared.word[threadIdx.x] = 1;
  __syncthreads();
  y[threadIdx.x] = shared.word[63 - threadIdx.x];
  shared.word[threadIdx.x] = 2;
}

__global__ void copy_without_barrier(const float* x, float* y) {
  auto& shared = block_shared<Words>();
  if (threadIdx.x < 16) cp_async(&shared.word[4 * threadIdx.x], x + 4 * threadIdx.x, 16);
  cp_async_commit();
  cp_async_wait<0>();
  y[threadIdx.x] = shared.word[threadIdx.x];
}

// The next stage's copies go where other threads still read this one.
__global__ void copy_into_what_others_read(const float* x, float* y, bool barrier) {
  auto& shared = block_shared<Words>();
  for (int stage = 0; stage < 2; ++stage) {
    if (threadIdx.x < 16) cp_async(&shared.word[4 * threadIdx.x], x + 4 * threadIdx.x, 16);
    cp_async_commit();
    cp_async_wait<0>();
    __syncthreads();
    y[threadIdx.x] = shared.word[63 - threadIdx.x];
    if (barrier) __syncthreads();
  }
}

struct Rows {
  uint32_t row[32][4];
};

// Each lane gives the address of a row that another one wrote.
__global__ void load_rows_of_others(uint32_t* y, bool sync) {
  auto& shared = block_shared<Rows>();
  unsigned lane = threadIdx.x % 32;
  if (threadIdx.x < 32) {
    for (unsigned i = 0; i < 4; ++i) shared.row[lane][i] = lane;
    if (sync) __syncwarp();
    uint32_t fragment[4];
    ldmatrix_x4<false>(fragment, shared.row[31 - lane]);
    y[lane] = fragment[0];
  }
}

__global__ void race_and_return(float* y) {
  auto& shared = block_shared<Words>();
  shared.word[threadIdx.x] = 1;
  y[threadIdx.x] = shared.word[63 - threadIdx.x];
  if (threadIdx.x > 0) __syncthreads();
}

template <auto kernel, class... Arguments>
std::string error_of(ThreadOrder order, Arguments... arguments) {
  try {
    launch<kernel>({1, 64, 0, {order}}, arguments...);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

template <auto kernel, class... Arguments>
void check_race(bool expected, Arguments... arguments) {
  for (ThreadOrder order : {ThreadOrder::forward, ThreadOrder::reverse, ThreadOrder::shuffled}) {
    std::string error = error_of<kernel>(order, arguments...);
    INFO(error);
    CHECK((error.find("race in shared memory") != std::string::npos) == expected);
    if (expected) CHECK(error.find("races.cpp:") != error.rfind("races.cpp:"));
  }
}

TEST_CASE("simt race: a missing barrier between warps") {
  std::vector<float> y(64);
  check_race<rotate>(true, y.data(), 33, false);
  check_race<rotate>(false, y.data(), 33, true);
  check_race<rotate>(false, y.data(), 0, false);  // each thread its own word
}

TEST_CASE("simt race: within a warp only __syncwarp orders memory") {
  std::vector<float> y(64);
  for (Meeting meet : meetings) {
    check_race<exchange_in_warp>(true, y.data(), meet, false);
    check_race<exchange_in_warp>(false, y.data(), meet, true);
  }
}

TEST_CASE("simt race: ldmatrix orders no memory") {
  std::vector<uint32_t> y(32);
  check_race<load_rows_of_others>(true, y.data(), false);
  check_race<load_rows_of_others>(false, y.data(), true);
}

TEST_CASE("simt race: a write after others' reads") {
  std::vector<float> y(64);
  check_race<overwrite_what_others_read>(true, y.data());
}

TEST_CASE("simt race: an asynchronous copy read without a barrier") {
  std::vector<float> x(64, 1.0f), y(64);
  check_race<copy_without_barrier>(true, x.data(), y.data());
}

TEST_CASE("simt race: an asynchronous copy into what others still read") {
  alignas(16) float x[64] = {};
  std::vector<float> y(64);
  check_race<copy_into_what_others_read>(true, static_cast<const float*>(x), y.data(), false);
  check_race<copy_into_what_others_read>(false, static_cast<const float*>(x), y.data(), true);
}

TEST_CASE("simt race: a race of a block that ended by an error is not the next block's") {
  std::vector<float> y(64);
  CHECK_THROWS_AS((launch<race_and_return>({1, 64, 0, {}}, y.data())), Error);
  CHECK(error_of<rotate>(ThreadOrder::forward, y.data(), 33, true) == "");
}

}  // namespace
}  // namespace cuunet::simt
