// Elements of f32 and bf16 memory in a kernel: one at a time, or a pack of 16 bytes. Arithmetic is f32.
#pragma once

#include "kernels/device/intrinsics.h"

namespace cuunet::CUUNET_TARGET {

__device__ __forceinline__ float to_float(float value) { return value; }
__device__ __forceinline__ float to_float(bfloat16 value) {
  return __uint_as_float(static_cast<uint32_t>(value.bits) << 16);
}

template <class T>
__device__ __forceinline__ T from_float(float value);
template <>
__device__ __forceinline__ float from_float<float>(float value) {
  return value;
}
template <>
__device__ __forceinline__ bfloat16 from_float<bfloat16>(float value) {
  bfloat16 result;
  result.bits = to_bf16_bits(value);
  return result;
}

// How many elements 16 bytes hold.
template <class T>
constexpr int pack_size = 16 / static_cast<int>(sizeof(T));

// 16-byte loads and stores; the address must be 16-byte aligned.
__device__ __forceinline__ void load_pack(const float* p, float (&values)[4]) {
  float4 raw = *reinterpret_cast<const float4*>(p);
  values[0] = raw.x, values[1] = raw.y, values[2] = raw.z, values[3] = raw.w;
}
__device__ __forceinline__ void load_pack(const bfloat16* p, float (&values)[8]) {
  uint4 raw = *reinterpret_cast<const uint4*>(p);
  uint32_t words[4] = {raw.x, raw.y, raw.z, raw.w};
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    values[2 * i] = __uint_as_float(words[i] << 16);
    values[2 * i + 1] = __uint_as_float(words[i] & 0xFFFF0000u);
  }
}
__device__ __forceinline__ void store_pack(float* p, const float (&values)[4]) {
  *reinterpret_cast<float4*>(p) = make_float4(values[0], values[1], values[2], values[3]);
}
__device__ __forceinline__ void store_pack(bfloat16* p, const float (&values)[8]) {
  uint32_t words[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    words[i] = to_bf16_bits(values[2 * i]) | static_cast<uint32_t>(to_bf16_bits(values[2 * i + 1])) << 16;
  }
  *reinterpret_cast<uint4*>(p) = make_uint4(words[0], words[1], words[2], words[3]);
}

// Channels first … first+pack-1 of a row as f32; those from `channels` on read as zero. pack: 1 or pack_size<T>.
template <int pack, class T>
__device__ __forceinline__ void load_channels(const T* row, int first, int channels, float (&values)[pack]) {
  if constexpr (pack > 1) {
    if (first + pack <= channels) return load_pack(row + first, values);
  }
#pragma unroll
  for (int e = 0; e < pack; ++e) values[e] = first + e < channels ? to_float(row[first + e]) : 0.0f;
}

// The same channels of a row written, those from `channels` on as zero, nothing from `lanes` on.
template <int pack, class T>
__device__ __forceinline__ void store_channels(T* row, int first, int channels, int lanes, float (&values)[pack]) {
#pragma unroll
  for (int e = 0; e < pack; ++e) values[e] = first + e < channels ? values[e] : 0.0f;
  if constexpr (pack > 1) {
    if (first + pack <= lanes) return store_pack(row + first, values);
  }
#pragma unroll
  for (int e = 0; e < pack; ++e) {
    if (first + e < lanes) row[first + e] = from_float<T>(values[e]);
  }
}

}  // namespace cuunet::CUUNET_TARGET
