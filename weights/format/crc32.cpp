#include "weights/format/crc32.h"

#include <immintrin.h>

#include <array>
#include <cstring>

namespace cuunet {
namespace {

constexpr size_t stride = 16;
using Tables = std::array<std::array<uint32_t, 256>, stride>;

// tables[k][b]: what byte b adds to the CRC when k bytes follow it. M. Kounavis and F. Berry, "slicing" (2005).
constexpr Tables make_tables() {
  Tables tables{};
  for (uint32_t b = 0; b < 256; ++b) {
    uint32_t crc = b;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320u : 0);
    tables[0][b] = crc;
  }
  for (size_t k = 1; k < stride; ++k) {
    for (size_t b = 0; b < 256; ++b) tables[k][b] = (tables[k - 1][b] >> 8) ^ tables[0][tables[k - 1][b] & 0xFF];
  }
  return tables;
}

constexpr Tables tables = make_tables();

uint32_t four(uint32_t word, size_t last) {
  return tables[last + 3][word & 0xFF] ^ tables[last + 2][(word >> 8) & 0xFF] ^ tables[last + 1][(word >> 16) & 0xFF] ^
         tables[last][word >> 24];
}

// Here and below `crc` is the complement of the checksum so far.
uint32_t by_tables(std::span<const std::byte> bytes, uint32_t crc) {
  for (; bytes.size() >= stride; bytes = bytes.subspan(stride)) {
    std::array<uint32_t, 4> words;
    std::memcpy(words.data(), bytes.data(), stride);
    crc = four(words[0] ^ crc, 12) ^ four(words[1], 8) ^ four(words[2], 4) ^ four(words[3], 0);
  }
  for (std::byte b : bytes) crc = (crc >> 8) ^ tables[0][(crc ^ static_cast<uint32_t>(b)) & 0xFF];
  return crc;
}

[[gnu::target("pclmul,sse4.1")]] __m128i block(const std::byte* bytes) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
}

// What `part` adds when the bits that the two factors stand for follow it, on top of `next`.
[[gnu::target("pclmul,sse4.1")]] __m128i folded(__m128i part, __m128i factors, __m128i next) {
  __m128i low = _mm_clmulepi64_si128(part, factors, 0x00), high = _mm_clmulepi64_si128(part, factors, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

// Whole blocks of 16 bytes, at least 64. V. Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ
// Instruction" (2009): four sums are carried 512 bits on, then into one, then reduced by Barrett's method.
[[gnu::target("pclmul,sse4.1")]] uint32_t by_products(std::span<const std::byte> bytes, uint32_t crc) {
  const __m128i by_512 = _mm_set_epi64x(0x01c6e41596, 0x0154442bd4),
                by_128 = _mm_set_epi64x(0x00ccaa009e, 0x01751997d0);
  const std::byte *at = bytes.data(), *end = at + bytes.size();
  __m128i x0 = _mm_xor_si128(block(at), _mm_cvtsi32_si128(static_cast<int>(crc)));
  __m128i x1 = block(at + 16), x2 = block(at + 32), x3 = block(at + 48);
  for (at += 64; end - at >= 64; at += 64) {
    x0 = folded(x0, by_512, block(at));
    x1 = folded(x1, by_512, block(at + 16));
    x2 = folded(x2, by_512, block(at + 32));
    x3 = folded(x3, by_512, block(at + 48));
  }
  __m128i x = folded(folded(folded(x0, by_128, x1), by_128, x2), by_128, x3);
  for (; at < end; at += 16) x = folded(x, by_128, block(at));

  const __m128i low_words = _mm_setr_epi32(-1, 0, -1, 0), polynomial = _mm_set_epi64x(0x01f7011641, 0x01db710641);
  x = _mm_xor_si128(_mm_srli_si128(x, 8), _mm_clmulepi64_si128(x, by_128, 0x10));
  x = _mm_xor_si128(_mm_srli_si128(x, 4),
                    _mm_clmulepi64_si128(_mm_and_si128(x, low_words), _mm_set_epi64x(0, 0x0163cd6124), 0x00));
  __m128i quotient = _mm_clmulepi64_si128(_mm_and_si128(x, low_words), polynomial, 0x10);
  x = _mm_xor_si128(x, _mm_clmulepi64_si128(_mm_and_si128(quotient, low_words), polynomial, 0x00));
  return static_cast<uint32_t>(_mm_extract_epi32(x, 1));
}

}  // namespace

uint32_t crc32(std::span<const std::byte> bytes, uint32_t before) {
  static const bool multiplies = __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
  uint32_t crc = ~before;
  if (multiplies && bytes.size() >= 64) {
    size_t whole = bytes.size() / 16 * 16;
    crc = by_products(bytes.first(whole), crc);
    bytes = bytes.subspan(whole);
  }
  return ~by_tables(bytes, crc);
}

}  // namespace cuunet
