// The fields of a message of Protocol Buffers, read back from its bytes.
#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace cuunet {

struct WireField {
  uint64_t integer = 0;  // or the four bytes of a float
  std::string bytes;
};

// By number, each in the order of the bytes. Throws where the bytes are no message.
class WireFields {
 public:
  explicit WireFields(const std::string& bytes) : bytes_(bytes) {
    while (at_ < bytes_.size()) {
      uint64_t tag = varint();
      WireField field;
      switch (tag & 7) {
        case 0: field.integer = varint(); break;
        case 2: field.bytes = take(varint()); break;
        case 5:
          for (int shift = 0; shift < 32; shift += 8) field.integer |= uint64_t{byte()} << shift;
          break;
        default: throw std::runtime_error("a kind of field that is not expected");
      }
      fields_[static_cast<int>(tag >> 3)].push_back(field);
    }
  }
  const std::vector<WireField>& all(int number) const {
    static const std::vector<WireField> none;
    auto found = fields_.find(number);
    return found == fields_.end() ? none : found->second;
  }
  std::string text(int number) const { return all(number).empty() ? "" : all(number)[0].bytes; }
  uint64_t integer(int number) const { return all(number).at(0).integer; }

 private:
  uint8_t byte() { return static_cast<uint8_t>(bytes_.at(at_++)); }
  uint64_t varint() {
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      uint8_t next = byte();
      value |= uint64_t{next & 0x7Fu} << shift;
      if (next < 0x80) return value;
    }
  }
  std::string take(uint64_t length) {
    if (length > bytes_.size() - at_) throw std::runtime_error("a field longer than its message");
    at_ += length;
    return bytes_.substr(at_ - length, length);
  }

  std::string bytes_;
  size_t at_ = 0;
  std::map<int, std::vector<WireField>> fields_;
};

}  // namespace cuunet
