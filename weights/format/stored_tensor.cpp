#include "weights/format/stored_tensor.h"

#include <bit>
#include <cmath>
#include <cstring>

namespace cuunet {

namespace {

template <class Target, class Source, class Convert>
std::vector<Target> converted(const StoredTensor& tensor, const Convert& convert) {
  std::vector<std::byte> room;
  const std::byte* bytes = row_major(tensor, room).data();
  std::vector<Target> values(static_cast<size_t>(tensor.elements()));
  for (size_t i = 0; i < values.size(); ++i) {
    Source source;
    std::memcpy(&source, bytes + i * sizeof(Source), sizeof(Source));
    values[i] = static_cast<Target>(convert(source));
  }
  return values;
}

template <class Target>
std::vector<Target> convert_all(const StoredTensor& tensor) {
  auto as_is = [](auto x) { return x; };
  switch (tensor.type) {
    case StoredType::f64: return converted<Target, double>(tensor, as_is);
    case StoredType::f32: return converted<Target, float>(tensor, as_is);
    case StoredType::f16: return converted<Target, uint16_t>(tensor, half_to_float);
    case StoredType::bf16: return converted<Target, bfloat16>(tensor, [](bfloat16 x) { return float{x}; });
    case StoredType::i64: return converted<Target, int64_t>(tensor, as_is);
    case StoredType::i32: return converted<Target, int32_t>(tensor, as_is);
    case StoredType::i16: return converted<Target, int16_t>(tensor, as_is);
    case StoredType::i8: return converted<Target, int8_t>(tensor, as_is);
    case StoredType::u8: return converted<Target, uint8_t>(tensor, as_is);
    case StoredType::boolean: return converted<Target, uint8_t>(tensor, [](uint8_t x) { return x != 0; });
  }
  return {};
}

}  // namespace

size_t size_of(StoredType type) {
  switch (type) {
    case StoredType::f64:
    case StoredType::i64: return 8;
    case StoredType::f32:
    case StoredType::i32: return 4;
    case StoredType::f16:
    case StoredType::bf16:
    case StoredType::i16: return 2;
    case StoredType::i8:
    case StoredType::u8:
    case StoredType::boolean: return 1;
  }
  return 1;
}

const char* name_of(StoredType type) {
  static constexpr const char* names[] = {"F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "BOOL"};
  return names[static_cast<size_t>(type)];
}

std::span<const std::byte> row_major(const StoredTensor& tensor, std::vector<std::byte>& room) {
  if (tensor.strides.empty()) return tensor.bytes;
  size_t size = size_of(tensor.type), rank = tensor.shape.size();
  room.resize(static_cast<size_t>(tensor.elements()) * size);
  std::vector<int64_t> index(rank, 0);
  int64_t at = 0;
  for (size_t i = 0; i < room.size(); i += size) {
    std::memcpy(room.data() + i, tensor.bytes.data() + static_cast<size_t>(at) * size, size);
    for (size_t d = rank; d-- > 0;) {
      at += tensor.strides[d];
      if (++index[d] < tensor.shape[d]) break;
      at -= index[d] * tensor.strides[d];
      index[d] = 0;
    }
  }
  return room;
}

std::vector<double> to_doubles(const StoredTensor& tensor) { return convert_all<double>(tensor); }
std::vector<float> to_floats(const StoredTensor& tensor) { return convert_all<float>(tensor); }

float half_to_float(uint16_t bits) {
  uint32_t sign = static_cast<uint32_t>(bits & 0x8000u) << 16, exponent = (bits >> 10) & 31u, fraction = bits & 0x3FFu;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000u | (fraction << 13));
  if (exponent != 0) return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (fraction << 13));
  float tiny = std::ldexp(static_cast<float>(fraction), -24);
  return sign != 0 ? -tiny : tiny;
}

}  // namespace cuunet
