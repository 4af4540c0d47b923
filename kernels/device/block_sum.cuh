// The sum of one value per thread of a block of sum_threads, by shuffles within warps and shared memory between them:
// always in the same order. Two sums in one kernel need a __syncthreads between them.
#pragma once

#include "kernels/device/kernel.h"

namespace cuunet::CUUNET_TARGET {

constexpr int sum_threads = 256;

struct SumShared {
  double warp[sum_threads / 32];
};

// All threads get the sum.
__device__ inline double block_sum(double value) {
  auto& shared = block_shared<SumShared>();
#pragma unroll
  for (int lanes = 16; lanes > 0; lanes /= 2) value += __shfl_down_sync(all_lanes, value, static_cast<unsigned>(lanes));
  if (threadIdx.x % 32 == 0) shared.warp[threadIdx.x / 32] = value;
  __syncthreads();
  double sum = 0;
  for (int warp = 0; warp < sum_threads / 32; ++warp) sum += shared.warp[warp];
  return sum;
}

}  // namespace cuunet::CUUNET_TARGET
