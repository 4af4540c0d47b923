// CRC-32 of ISO 3309 (reflected polynomial 0xEDB88320), as PNG and zip use it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace cuunet {

// Continues from `crc`, the checksum of what came before.
inline uint32_t crc32(std::span<const std::byte> bytes, uint32_t crc = 0) {
  static constexpr auto table = [] {
    std::array<uint32_t, 256> entries{};
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t c = i;
      for (int bit = 0; bit < 8; ++bit) c = (c & 1) != 0 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
      entries[i] = c;
    }
    return entries;
  }();
  crc = ~crc;
  for (std::byte b : bytes) crc = table[(crc ^ static_cast<uint32_t>(b)) & 0xFF] ^ (crc >> 8);
  return ~crc;
}

}  // namespace cuunet
