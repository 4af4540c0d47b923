// CRC-32 as zip archives use it (ISO-HDLC: reflected polynomial 0xEDB88320); Python: zlib.crc32(bytes)
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace cuunet {

// `before`: the CRC of what stands in front of these bytes.
uint32_t crc32(std::span<const std::byte> bytes, uint32_t before = 0);

}  // namespace cuunet
