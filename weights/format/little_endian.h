// Numbers from bytes of any alignment, least significant byte first. The program runs on little-endian machines only.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace cuunet {

static_assert(std::endian::native == std::endian::little);

// The caller has checked that the bytes are there.
template <class T>
T little_endian(std::span<const std::byte> bytes, size_t at = 0) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof(T));
  return value;
}

}  // namespace cuunet
