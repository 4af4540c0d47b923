#include "weights/format/owned_tensors.h"

#include "kernels/device/error.h"

#include <cmath>
#include <cstring>

namespace cuunet {
namespace {

template <class T, class Convert>
void fill(std::vector<std::byte>& bytes, std::span<const double> values, const Convert& convert) {
  bytes.resize(values.size() * sizeof(T));
  for (size_t i = 0; i < values.size(); ++i) {
    T value = convert(values[i]);
    std::memcpy(bytes.data() + i * sizeof(T), &value, sizeof(T));
  }
}

// A double rounded to float first and to bfloat16 then could round twice; round to odd in between cannot.
bfloat16 to_bfloat16(double value) {
  auto nearest = static_cast<float>(value);
  if (std::isfinite(nearest) && static_cast<double>(nearest) != value) {
    float below = std::abs(static_cast<double>(nearest)) > std::abs(value) ? std::nextafter(nearest, 0.0f) : nearest;
    nearest = std::bit_cast<float>(std::bit_cast<uint32_t>(below) | 1u);
  }
  return bfloat16(nearest);
}

}  // namespace

bool is_floating(StoredType type) {
  return type == StoredType::f64 || type == StoredType::f32 || type == StoredType::f16 || type == StoredType::bf16;
}

uint16_t float_to_half(double value) {
  uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  if (std::isnan(value)) return sign | 0x7E00;
  double size = std::abs(value);
  if (size < 0x1p-14) return sign | static_cast<uint16_t>(std::nearbyint(size * 0x1p24));  // subnormal
  int exponent = 0;
  double fraction = std::frexp(size, &exponent);  // in [0.5, 1)
  if (!std::isfinite(size) || exponent > 16) return sign | 0x7C00;
  // A fraction that rounds up to 2 carries into the exponent by itself.
  auto rounded = static_cast<uint32_t>(std::nearbyint(fraction * 0x1p11)) - 0x400u;
  return static_cast<uint16_t>(sign | ((static_cast<uint32_t>(exponent + 14) << 10) + rounded));
}

StoredTensor OwnedTensors::add(std::string name, StoredType type, std::vector<int64_t> shape,
                               std::span<const double> values) {
  std::vector<std::byte>& bytes = bytes_.emplace_back();
  switch (type) {
    case StoredType::f64: fill<double>(bytes, values, [](double x) { return x; }); break;
    case StoredType::f32: fill<float>(bytes, values, [](double x) { return static_cast<float>(x); }); break;
    case StoredType::bf16: fill<bfloat16>(bytes, values, to_bfloat16); break;
    case StoredType::f16:
      for (double value : values) {
        if (std::isfinite(value) && std::abs(value) >= 65520) {
          throw Error("'{}' holds {}, beyond f16's largest number 65504; take bf16", name, value);
        }
      }
      fill<uint16_t>(bytes, values, float_to_half);
      break;
    default: throw Error("'{}' cannot be computed in {}", name, name_of(type));
  }
  return {std::move(name), type, std::move(shape), bytes, {}};
}

StoredTensor OwnedTensors::cast(const StoredTensor& tensor, StoredType type) {
  if (!is_floating(tensor.type) || tensor.type == type) return tensor;
  return add(tensor.name, type, tensor.shape, to_doubles(tensor));
}

}  // namespace cuunet
