#include "weights/export/protobuf_message.h"

#include <bit>

namespace cuunet {

// Seven bits a byte, the lowest first; the eighth says that more follow.
void ProtobufMessage::varint(uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
  bytes_ += static_cast<char>(value);
}

ProtobufMessage& ProtobufMessage::integer(int field, int64_t value) {
  varint(static_cast<uint64_t>(field) << 3);
  varint(static_cast<uint64_t>(value));
  return *this;
}

ProtobufMessage& ProtobufMessage::real(int field, float value) {
  varint(static_cast<uint64_t>(field) << 3 | 5);
  auto bits = std::bit_cast<uint32_t>(value);
  for (int shift = 0; shift < 32; shift += 8) bytes_ += static_cast<char>(bits >> shift);
  return *this;
}

ProtobufMessage& ProtobufMessage::begin(int field, uint64_t length) {
  varint(static_cast<uint64_t>(field) << 3 | 2);
  varint(length);
  return *this;
}

ProtobufMessage& ProtobufMessage::text(int field, std::string_view bytes) {
  begin(field, bytes.size());
  bytes_ += bytes;
  return *this;
}

}  // namespace cuunet
