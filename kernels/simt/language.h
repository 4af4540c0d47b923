// The CUDA language for g++: what a .cu file may use, under CUDA's own names. Raw __shared__ and <<<>>> do not exist
// here; kernels/device/kernel.h has the forms that both compilers know.
#pragma once

#include "kernels/simt/executor.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define threadIdx (::cuunet::simt::thread_index)
#define blockIdx (::cuunet::simt::block_index)
#define blockDim (::cuunet::simt::block_size)
#define gridDim (::cuunet::simt::grid_size)

namespace cuunet::simt {

using std::max;
using std::min;

struct alignas(8) float2 {
  float x, y;
};
struct alignas(16) float4 {
  float x, y, z, w;
};
struct alignas(8) uint2 {
  unsigned x, y;
};
struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }

inline unsigned __float_as_uint(float value) { return std::bit_cast<unsigned>(value); }
inline float __uint_as_float(unsigned bits) { return std::bit_cast<float>(bits); }
inline int __popc(unsigned bits) { return std::popcount(bits); }
inline int __ffs(int bits) { return __builtin_ffs(bits); }

inline void __syncthreads(Place place = Place::here()) { block_barrier(place); }

// A shuffle's argument: what the lane brings, which lane it reads, what it gets.
struct Shuffle {
  uint64_t in;
  uint64_t out;
  int source;
  Place place;
};
void compute_shuffle(void* const* arguments, uint32_t mask);

// Throws when the width is no power of two up to 32, or a lane asks for one 32 or more away: a GPU says nothing.
void require_shuffle(const char* name, unsigned lanes, int width, Place place);

template <class T>
T shuffle(const char* name, unsigned mask, T value, int source, Place place) {
  static_assert(sizeof(T) <= 8 && std::is_trivially_copyable_v<T>);
  Shuffle argument{0, 0, source, place};
  std::memcpy(&argument.in, &value, sizeof value);
  warp_collective(name, mask, place, &argument, compute_shuffle);
  std::memcpy(&value, &argument.out, sizeof value);
  return value;
}

template <class T>
T __shfl_sync(unsigned mask, T value, int lane, int width = 32, Place place = Place::here()) {
  require_shuffle("__shfl_sync", 0, width, place);
  int first = lane_of_this_thread() & ~(width - 1);
  return shuffle("__shfl_sync", mask, value, first + (lane & (width - 1)), place);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = 32, Place place = Place::here()) {
  require_shuffle("__shfl_xor_sync", static_cast<unsigned>(lanes), width, place);
  int lane = lane_of_this_thread(), last = lane | (width - 1), source = lane ^ lanes;
  return shuffle("__shfl_xor_sync", mask, value, source > last ? lane : source, place);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned lanes, int width = 32, Place place = Place::here()) {
  require_shuffle("__shfl_down_sync", lanes, width, place);
  int lane = lane_of_this_thread(), last = lane | (width - 1), source = lane + static_cast<int>(lanes);
  return shuffle("__shfl_down_sync", mask, value, source > last ? lane : source, place);
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned lanes, int width = 32, Place place = Place::here()) {
  require_shuffle("__shfl_up_sync", lanes, width, place);
  int lane = lane_of_this_thread(), first = lane & ~(width - 1), source = lane - static_cast<int>(lanes);
  return shuffle("__shfl_up_sync", mask, value, source < first ? lane : source, place);
}

// A vote's argument becomes the ballot of all lanes of the mask.
void compute_ballot(void* const* arguments, uint32_t mask);
inline unsigned vote(const char* name, unsigned mask, int predicate, Place place) {
  unsigned argument = predicate != 0;
  warp_collective(name, mask, place, &argument, compute_ballot);
  return argument;
}
inline unsigned __ballot_sync(unsigned mask, int predicate, Place place = Place::here()) {
  return vote("__ballot_sync", mask, predicate, place);
}
inline int __any_sync(unsigned mask, int predicate, Place place = Place::here()) {
  return vote("__any_sync", mask, predicate, place) != 0;
}
inline int __all_sync(unsigned mask, int predicate, Place place = Place::here()) {
  return vote("__all_sync", mask, predicate, place) == mask;
}

inline void __syncwarp(unsigned mask = 0xFFFFFFFFu, Place place = Place::here()) {
  warp_collective("__syncwarp", mask, place, nullptr, compute_nothing);
}

}  // namespace cuunet::simt
