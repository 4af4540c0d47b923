// Mistakes with barriers, asynchronous copies, shared memory and launches.
#include "tests/kernels/simt/mistakes.h"

#include <sys/wait.h>
#include <unistd.h>
#include <cmath>
#include <csignal>

namespace cuunet::simt {
namespace {

void keep(float value) { result[threadIdx.x] = value; }

struct Words {
  float word[64];
};

alignas(16) float global[64];  // 1, 2, …

__global__ void barrier_in_branch() {
  if (threadIdx.x < 40) __syncthreads();
}
__global__ void two_barriers() {
  if (threadIdx.x < 32)
    __syncthreads();
  else
    __syncthreads();
}
__global__ void return_before_barrier() {
  if (threadIdx.x == 17) return;
  __syncthreads();
}
__global__ void barriers_by_thread() {
  for (unsigned i = 0; i <= threadIdx.x / 32; ++i) __syncthreads();
}
__global__ void barrier_and_shuffle() {
  if (threadIdx.x % 2)
    __syncthreads();
  else
    keep(__shfl_sync(all_lanes, 1.0f, 0));
}
template <bool mistaken>
__global__ void rotate() {
  auto& shared = block_shared<Words>();
  shared.word[threadIdx.x] = static_cast<float>(threadIdx.x);
  if (!mistaken) __syncthreads();
  keep(shared.word[(threadIdx.x + 33) % 64]);
}

// 16 bytes per thread into the struct, `offset` words after its own place in it.
void copy(int offset, const float* source, int valid_bytes = 16) {
  auto& shared = block_shared<Words>();
  if (threadIdx.x < 15) cp_async(shared.word + 4 * static_cast<int>(threadIdx.x) + offset, source, valid_bytes);
  cp_async_commit();
  cp_async_wait<0>();
}
__global__ void copy_past_struct() { copy(8, global); }
__global__ void copy_to_global() { cp_async(result, global, 16); }
__global__ void copy_to_misaligned() { copy(1, global); }
__global__ void copy_from_misaligned() { copy(0, global + 2); }
__global__ void copy_from_null() { copy(0, nullptr, 0); }
__global__ void copy_of_20_bytes() { copy(0, global, 20); }
__global__ void return_with_copies() {
  cp_async(&block_shared<Words>().word[4 * (threadIdx.x % 16)], global, 16);
  cp_async_commit();
}
__global__ void wait_without_commit() {
  cp_async(&block_shared<Words>().word[4 * (threadIdx.x % 16)], global, 16);
  cp_async_wait<0>();
}
__global__ void wait_for_fewer() {
  for (int group = 0; group < 2; ++group) {
    cp_async(&block_shared<Words>().word[4 * (threadIdx.x % 8 + 8u * static_cast<unsigned>(group))], global, 16);
    cp_async_commit();
  }
  cp_async_wait<1>();
}

// Two groups of copies through shared memory: word t + 1 of the first, read while the second may be under way.
enum class Pipeline { right, no_wait, late_wait, no_barrier, no_commit, short_copy };
template <Pipeline kind>
__global__ void pipeline() {
  auto& shared = block_shared<Words>();
  unsigned t = threadIdx.x;
  if (t < 8) cp_async(&shared.word[4 * t], global + 4 * t, kind == Pipeline::short_copy ? 12 : 16);
  if (kind != Pipeline::no_commit) cp_async_commit();
  if (t < 8) cp_async(&shared.word[32 + 4 * t], global + 4 * t, 16);
  cp_async_commit();
  if (kind != Pipeline::no_wait) cp_async_wait<kind == Pipeline::late_wait ? 2 : 1>();
  if (kind != Pipeline::no_barrier) __syncthreads();
  keep(shared.word[(t + 1) % 32]);
  cp_async_wait<0>();
}

const Refused refused[] = {
    {"__syncthreads", "in a branch", run<barrier_in_branch>, {"__syncthreads at", "returned"}},
    {"__syncthreads", "two lines", run<two_barriers>, {"waits at another barrier than others: thread"}},
    {"__syncthreads", "a return before it", run<return_before_barrier>, {"thread 17 returned", "__syncthreads at"}},
    {"__syncthreads", "once more in a warp", run<barriers_by_thread>, {"returned", "__syncthreads at"}},
    {"__syncthreads", "a shuffle in other lanes", run<barrier_and_shuffle>, {"waits for ever", "thread 0 in __shfl"}},
    {"cp_async", "past the struct", run<copy_past_struct>, {"cp.async writes 16 bytes that are not in shared memory"}},
    {"cp_async", "to global memory", run<copy_to_global>, {"cp.async writes 16 bytes that are not in shared memory"}},
    {"cp_async", "a word too far", run<copy_to_misaligned>, {"cp.async writes to a misaligned shared address"}},
    {"cp_async", "from the third word", run<copy_from_misaligned>, {"cp.async reads from a misaligned address"}},
    {"cp_async", "no bytes of nowhere", run<copy_from_null>, {"cp.async reads from a null pointer"}},
    {"cp_async", "20 valid bytes", run<copy_of_20_bytes>, {"cp.async is asked for more valid bytes than it copies"}},
    {"cp_async_commit", "missing", run<wait_without_commit>, {"returns with asynchronous copies in flight, the first"}},
    {"cp_async_wait", "missing", run<return_with_copies>, {"returns with asynchronous copies in flight, the first"}},
    {"cp_async_wait",
     "a group too few",
     run<wait_for_fewer>,
     {"returns with asynchronous copies in flight, the first"}},
};

float next_word(int t) { return static_cast<float>((t + 1) % 32 + 1); }
constexpr auto right_pipeline = run<pipeline<Pipeline::right>>;

const WrongNumbers wrong_numbers[] = {
    {"__syncthreads", "missing", run<rotate<true>>, run<rotate<false>>,
     [](int t) { return static_cast<float>((t + 33) % 64); }},
    {"__syncthreads", "missing after the wait", run<pipeline<Pipeline::no_barrier>>, right_pipeline, next_word},
    {"cp_async", "12 valid bytes for 16", run<pipeline<Pipeline::short_copy>>, right_pipeline, next_word},
    {"cp_async_commit", "one for two groups", run<pipeline<Pipeline::no_commit>>, right_pipeline, next_word},
    {"cp_async_wait", "missing before the read", run<pipeline<Pipeline::no_wait>>, right_pipeline, next_word},
    {"cp_async_wait", "a group too few", run<pipeline<Pipeline::late_wait>>, right_pipeline, next_word},
};

TEST_CASE("simt refuses mistakes with barriers and asynchronous copies") {
  for (const Refused& row : refused) check(row);
}

TEST_CASE("simt shows mistakes with barriers and asynchronous copies in the numbers") {
  for (int i = 0; i < 64; ++i) global[i] = static_cast<float>(i + 1);
  for (const WrongNumbers& row : wrong_numbers) check(row);
}

TEST_CASE("simt: barriers and asynchronous copies each have their mistakes") {
  const std::vector<std::string_view> all{"__syncthreads", "cp_async", "cp_async_commit", "cp_async_wait"};
  check_named(all, refused);
  check_named(all, wrong_numbers);
}

struct TooLarge {
  float word[12289];
};
__global__ void more_than_48_kib() { keep(block_shared<TooLarge>().word[threadIdx.x]); }
__global__ void read_unwritten() { keep(block_shared<Words>().word[threadIdx.x]); }
__global__ void read_past_dynamic() { keep(dynamic_shared<float>()[threadIdx.x + 1]); }
#ifndef __SANITIZE_ADDRESS__  // which ends the program at the access
__global__ void write_past_struct() {
  float* word = block_shared<Words>().word;
  word[threadIdx.x + 1] = 0;
}
__global__ void write_before_dynamic() { dynamic_shared<float>()[static_cast<int>(threadIdx.x) - 1] = 0; }
#endif

TEST_CASE("simt catches shared memory used out of its bounds or before it is written") {
  for (ThreadOrder order : orders) {
    CHECK(error_of(run<more_than_48_kib>, order).find("49156 bytes of static shared memory") != std::string::npos);
#ifndef __SANITIZE_ADDRESS__
    CHECK(error_of(run<write_past_struct>, order).find("outside of its bounds, after a struct") != std::string::npos);
    CHECK(error_of(run<write_before_dynamic>, order).find("before the dynamic part") != std::string::npos);
#endif
    run<read_unwritten>(order);
    for (float v : result) CHECK(std::isnan(v));
  }
}

TEST_CASE("simt catches a read past the dynamic shared memory: the process stops") {
  pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::signal(SIGSEGV, SIG_DFL);
    close(STDERR_FILENO);
    run<read_past_dynamic>(ThreadOrder::forward);
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

__global__ void return_in_one_block() {
  if (blockIdx.x == 1 && blockIdx.y == 2 && blockIdx.z == 3 && threadIdx.x == 5) return;
  __syncthreads();
}

TEST_CASE("simt: the error of a mistake names its kernel, block, thread and line") {
  for (ThreadOrder order : orders) {
    CHECK_THROWS_WITH_AS((launch<return_in_one_block>({{2, 3, 4}, 64, 0, {order}})),
                         doctest::Contains("return_in_one_block: block (1, 2, 3): thread "), Error);
  }
  CHECK_THROWS_WITH_AS((launch<barrier_in_branch>({1, 64, 0, {}})),
                       "simt: {anonymous}::barrier_in_branch: block (0, 0, 0): thread 40 returns while others wait: "
                       "threads 0-39 in __syncthreads at mistakes.cpp:21, thread 40 returned",
                       Error);
}

TEST_CASE("simt: a mistake leaves the executor fit for the next launch") {
  CHECK(error_of(run<return_before_barrier>, ThreadOrder::forward) != "no error");
  run<rotate<false>>(ThreadOrder::forward);
  CHECK(result[0] == 33);
}

}  // namespace
}  // namespace cuunet::simt
