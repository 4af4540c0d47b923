// Seeded mistakes of every kind that the host executor promises to catch.
#include "kernels/device/intrinsics.h"

#include <doctest/doctest.h>

#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <string>
#include <vector>

namespace cuunet::simt {
namespace {

constexpr ThreadOrder orders[] = {ThreadOrder::forward, ThreadOrder::reverse, ThreadOrder::shuffled};

struct Words {
  float word[64];
};

// The Error of a launch of 64 threads, or "".
template <auto kernel, class... Arguments>
std::string error_of(ThreadOrder order, size_t shared, Arguments... arguments) {
  try {
    launch<kernel>({1, 64, shared, {order}}, arguments...);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

template <auto kernel, class... Arguments>
void check_caught(const std::string& expected, Arguments... arguments) {
  for (ThreadOrder order : orders) {
    std::string error = error_of<kernel>(order, 256, arguments...);
    INFO(error);
    CHECK(error.find(expected) != std::string::npos);
    CHECK(error.find("block (0, 0, 0)") != std::string::npos);
  }
}

__global__ void rotate_without_barrier(float* y) {
  auto& shared = block_shared<Words>();
  shared.word[threadIdx.x] = static_cast<float>(threadIdx.x);
  y[threadIdx.x] = shared.word[(threadIdx.x + 33) % 64];
}

__global__ void barrier_in_branch() {
  if (threadIdx.x < 40) __syncthreads();
}

__global__ void two_barriers() {
  if (threadIdx.x < 32) {
    __syncthreads();
  } else {
    __syncthreads();
  }
}

__global__ void return_before_barrier() {
  if (threadIdx.x == 17) return;
  __syncthreads();
}

__global__ void shuffle_in_branch(int* y) {
  if (threadIdx.x % 32 < 16) y[threadIdx.x] = __shfl_sync(all_lanes, 1, 0);
}

__global__ void shuffle_from_outside(int* y) {
  if (threadIdx.x % 32 < 16) y[threadIdx.x] = __shfl_sync(0xFFFFu, static_cast<int>(threadIdx.x), 20);
}

__global__ void shuffle_against_vote(int* y) {
  if (threadIdx.x % 2) {
    y[threadIdx.x] = __shfl_sync(all_lanes, 1, 0);
  } else {
    y[threadIdx.x] = __any_sync(all_lanes, 1);
  }
}

__global__ void barrier_and_shuffle(int* y) {
  if (threadIdx.x % 2) {
    __syncthreads();
  } else {
    y[threadIdx.x] = __shfl_sync(all_lanes, 1, 0);
  }
}

__global__ void read_before_wait(const float* x, float* y) {
  auto& shared = block_shared<Words>();
  if (threadIdx.x < 16) cp_async(&shared.word[4 * threadIdx.x], x + 4 * threadIdx.x, 16);
  cp_async_commit();
  cp_async_wait<1>();
  __syncthreads();
  y[threadIdx.x] = shared.word[threadIdx.x];
  cp_async_wait<0>();
}

__global__ void return_with_copies(const float* x) {
  auto& shared = block_shared<Words>();
  cp_async(&shared.word[4 * (threadIdx.x % 16)], x, 16);
  cp_async_commit();
}

__global__ void copy_out_of_bounds(const float* x) {
  auto& shared = block_shared<Words>();
  cp_async(&shared.word[4 * (threadIdx.x % 16)] + 4, x, 16);
  cp_async_commit();
  cp_async_wait<0>();
}

__global__ void load_matrix_out_of_bounds() {
  auto& shared = block_shared<Words>();
  uint32_t fragment[4];
  ldmatrix_x4<false>(fragment, &shared.word[4 * (threadIdx.x % 32)]);
}

#ifndef __SANITIZE_ADDRESS__  // which ends the program at the access
__global__ void write_out_of_bounds() {
  auto& shared = block_shared<Words>();
  float* word = shared.word;
  word[threadIdx.x + 1] = 0;
}
#endif

__global__ void read_unwritten(float* y) { y[threadIdx.x] = block_shared<Words>().word[threadIdx.x]; }

__global__ void read_past_dynamic(float* y) {
  const float* shared = dynamic_shared<float>();
  y[threadIdx.x] = shared[threadIdx.x + 1];
}

TEST_CASE("simt catches a missing barrier: some order gives other numbers") {
  int wrong = 0;
  for (ThreadOrder order : orders) {
    std::vector<float> y(64);
    launch<rotate_without_barrier>({1, 64, 0, {order}}, y.data());
    for (int t = 0; t < 64; ++t) wrong += y[static_cast<size_t>(t)] != static_cast<float>((t + 33) % 64);
  }
  CHECK(wrong > 0);
}

TEST_CASE("simt catches barriers that not all threads reach") {
  check_caught<barrier_in_branch>("barrier_in_branch");
  check_caught<barrier_in_branch>("returned");
  check_caught<two_barriers>("waits at another barrier than others");
  check_caught<return_before_barrier>("mistakes.cpp:");
  check_caught<return_before_barrier>("threads 17-17 returned");
}

TEST_CASE("simt catches collectives that lanes miss or disagree on") {
  std::vector<int> y(64);
  check_caught<shuffle_in_branch>("return", y.data());
  check_caught<shuffle_from_outside>("which takes no part in the shuffle", y.data());
  check_caught<shuffle_against_vote>("__any_sync", y.data());
  check_caught<barrier_and_shuffle>("waits for ever", y.data());
}

TEST_CASE("simt catches asynchronous copies that are read early or left in flight") {
  std::vector<float> x(64, 1.0f), y(64);
  for (ThreadOrder order : orders) {
    launch<read_before_wait>({1, 64, 0, {order}}, x.data(), y.data());
    CHECK(std::any_of(y.begin(), y.end(), [](float v) { return std::isnan(v); }));
  }
  check_caught<return_with_copies>("returns with asynchronous copies in flight", x.data());
}

TEST_CASE("simt catches accesses out of bounds") {
  std::vector<float> x(64, 1.0f), y(64);
  check_caught<copy_out_of_bounds>("cp.async writes 16 bytes that are not in shared memory", x.data());
  check_caught<load_matrix_out_of_bounds>("ldmatrix reads 16 bytes that are not in shared memory");
#ifndef __SANITIZE_ADDRESS__
  check_caught<write_out_of_bounds>("shared memory was written outside of its bounds");
#endif
  launch<read_unwritten>({1, 64, 0, {}}, y.data());
  for (float v : y) CHECK(std::isnan(v));
}

TEST_CASE("simt catches a read past the dynamic shared memory: the process stops") {
  pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::signal(SIGSEGV, SIG_DFL);
    close(STDERR_FILENO);
    std::vector<float> y(64);
    launch<read_past_dynamic>({1, 64, 256, {}}, y.data());
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK((WIFSIGNALED(status) || WEXITSTATUS(status) != 0));
}

TEST_CASE("simt refuses launches that no GPU takes") {
  CHECK_THROWS_WITH_AS((launch<two_barriers>({1, 2048, 0, {}})), doctest::Contains("a block has 1 to 1024 threads"),
                       Error);
  CHECK_THROWS_WITH_AS((launch<two_barriers>({0, 32, 0, {}})), doctest::Contains("a grid has"), Error);
  CHECK_THROWS_WITH_AS((launch<two_barriers>({1, 32, 300000, {}})), doctest::Contains("dynamic shared memory"), Error);
}

TEST_CASE("simt: a mistake leaves the executor fit for the next launch") {
  std::vector<float> x(64, 1.0f);
  CHECK(error_of<return_before_barrier>(ThreadOrder::forward, 0) != "");
  std::vector<float> y(64);
  launch<rotate_without_barrier>({1, 64, 0, {}}, y.data());
  CHECK(y[0] != y[0]);
}

}  // namespace
}  // namespace cuunet::simt
