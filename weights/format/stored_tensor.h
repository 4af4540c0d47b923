// A tensor as a file holds it: name, element type, shape, and little-endian bytes of any alignment, row-major unless it
// has strides.
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
  // In elements, where PyTorch saved a view that is not row-major: element (i, j, …) lies at i·strides[0] +
  // j·strides[1]
  // + …, and `bytes` reaches from the first element to the furthest one. Else empty.
  std::vector<int64_t> strides = {};

  int64_t elements() const {
    int64_t product = 1;
    for (int64_t extent : shape) product *= extent;
    return product;
  }
};

// The bytes in row-major order: the tensor's own, or gathered into `room`.
std::span<const std::byte> row_major(const StoredTensor& tensor, std::vector<std::byte>& room);

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
