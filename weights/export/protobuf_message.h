// A message of Protocol Buffers as bytes, as far as writing an ONNX file needs it: fields of a number and a value, one
// after the other; a tag (number · 8 + kind), then a varint (kind 0), four bytes (kind 5), or a length and bytes
// (kind 2). protobuf.dev/programming-guides/encoding
//
// Not libprotobuf: writing takes these few lines, while the library would have to be installed wherever the program is,
// in the version of the compiler that made its code.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cuunet {

class ProtobufMessage {
 public:
  ProtobufMessage& integer(int field, int64_t value);  // int64, int32 or an enum
  ProtobufMessage& real(int field, float value);
  ProtobufMessage& text(int field, std::string_view bytes);  // a string, or bytes
  ProtobufMessage& message(int field, const ProtobufMessage& value) { return text(field, value.bytes_); }
  // The beginning of bytes or of a message that the caller writes behind this one.
  ProtobufMessage& begin(int field, uint64_t length);

  const std::string& bytes() const { return bytes_; }

 private:
  void varint(uint64_t value);

  std::string bytes_;
};

}  // namespace cuunet
