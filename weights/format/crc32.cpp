#include "weights/format/crc32.h"

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

}  // namespace

uint32_t crc32(std::span<const std::byte> bytes, uint32_t before) {
  uint32_t crc = ~before;
  for (; bytes.size() >= stride; bytes = bytes.subspan(stride)) {
    std::array<uint32_t, 4> words;
    std::memcpy(words.data(), bytes.data(), stride);
    crc = four(words[0] ^ crc, 12) ^ four(words[1], 8) ^ four(words[2], 4) ^ four(words[3], 0);
  }
  for (std::byte b : bytes) crc = (crc >> 8) ^ tables[0][(crc ^ static_cast<uint32_t>(b)) & 0xFF];
  return ~crc;
}

}  // namespace cuunet
