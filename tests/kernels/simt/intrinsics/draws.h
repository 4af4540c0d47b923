// The words that probes are given.
#pragma once

#include "kernels/device/dtype.h"
#include "kernels/device/philox.h"

#include <bit>

namespace cuunet {

inline uint32_t draw_bits(RandomStream& random, int) { return random.word(); }

inline float draw_integer(RandomStream& random) { return static_cast<float>(random.below(17) - 8); }
inline float draw_unit(RandomStream& random) { return static_cast<float>(random.uniform(-1, 1)); }

inline uint32_t pair_of(float low, float high) { return bfloat16(low).bits | uint32_t{bfloat16(high).bits} << 16; }

inline uint32_t draw_units(RandomStream& random, int) { return std::bit_cast<uint32_t>(draw_unit(random)); }
inline uint32_t draw_tens(RandomStream& random, int) { return std::bit_cast<uint32_t>(10 * draw_unit(random)); }

// An mma's words: `operands` registers of a and b, then f32 sums. Integers from -8 to 8, whose sums are exact.
template <int operands>
uint32_t draw_bf16_integers(RandomStream& random, int word) {
  float low = draw_integer(random), high = draw_integer(random);
  return word < operands ? pair_of(low, high) : std::bit_cast<uint32_t>(low);
}
// The 13 bits below tf32's are noise, which the instruction must not see.
template <int operands>
uint32_t draw_tf32_integers(RandomStream& random, int word) {
  uint32_t bits = std::bit_cast<uint32_t>(draw_integer(random)), noise = random.word() & 0x1FFFu;
  return word < operands ? bits | noise : bits;
}
template <int operands>
uint32_t draw_bf16_units(RandomStream& random, int word) {
  float low = draw_unit(random), high = draw_unit(random);
  return word < operands ? pair_of(low, high) : std::bit_cast<uint32_t>(low);
}

// For conversions: any bits, ties of bf16 and of tf32 and their neighbours, the largest, subnormals, infinities, NaN.
inline uint32_t draw_hard_floats(RandomStream& random, int) {
  uint32_t bits = random.word(), sign = bits & 0x80000000u, beside = static_cast<uint32_t>(random.below(3)) - 1;
  switch (random.below(6)) {
    case 0: return ((bits & 0xFFFF0000u) | 0x8000u) + beside;
    case 1: return ((bits & 0xFFFFE000u) | 0x1000u) + beside;
    case 2: return sign | 0x7F7FFFFFu;
    case 3: return bits & 0x807FFFFFu;
    case 4: return sign | 0x7F800000u | (beside == 0 ? 0 : 0x400000u);
    default: return bits;
  }
}

}  // namespace cuunet
