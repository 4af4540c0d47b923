// A tensor as a file holds it: name, element type, shape, and little-endian bytes in row-major order, of any alignment.
#pragma once

#include "kernels/device/dtype.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cuunet {

// The element types of safetensors; PyTorch's names: float64, float32, float16, bfloat16, int64 … uint8, bool.
enum class StoredType : uint8_t { f64, f32, f16, bf16, i64, i32, i16, i8, u8, boolean };

size_t size_of(StoredType type);
const char* name_of(StoredType type);  // "F64" … "BOOL"

struct StoredTensor {
  std::string name;
  StoredType type = StoredType::f32;
  std::vector<int64_t> shape;
  std::span<const std::byte> bytes;  // lives as long as the file or array it looks at

  int64_t elements() const { return static_cast<int64_t>(bytes.size() / size_of(type)); }
};

// Every element as a double or float, rounded to nearest where it has more digits (int64 beyond 2^53); bool is 0 or 1.
std::vector<double> to_doubles(const StoredTensor& tensor);
std::vector<float> to_floats(const StoredTensor& tensor);

float half_to_float(uint16_t bits);  // IEEE binary16

template <class T>
inline constexpr StoredType stored_type_of = StoredType::f32;
template <>
inline constexpr StoredType stored_type_of<double> = StoredType::f64;
template <>
inline constexpr StoredType stored_type_of<bfloat16> = StoredType::bf16;
template <>
inline constexpr StoredType stored_type_of<int64_t> = StoredType::i64;
template <>
inline constexpr StoredType stored_type_of<uint8_t> = StoredType::u8;

// Looks at values of float, double, bfloat16, int64_t or uint8_t.
template <class T>
StoredTensor stored_tensor(std::string name, std::vector<int64_t> shape, const std::vector<T>& values) {
  return {std::move(name), stored_type_of<T>, std::move(shape), std::as_bytes(std::span(values))};
}

}  // namespace cuunet
