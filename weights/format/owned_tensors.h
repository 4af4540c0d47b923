// Tensors that were computed, where others look into a file: their bytes live here.
#pragma once

#include "weights/format/stored_tensor.h"

#include <deque>

namespace cuunet {

class OwnedTensors {
 public:
  // The values rounded to nearest, ties to even. Error: a finite value beyond f16's largest.
  StoredTensor add(std::string name, StoredType type, std::vector<int64_t> shape, std::span<const double> values);
  // Floating-point tensors in another type; integers and booleans as they are.
  StoredTensor cast(const StoredTensor& tensor, StoredType type);

 private:
  std::deque<std::vector<std::byte>> bytes_;
};

bool is_floating(StoredType type);
uint16_t float_to_half(double value);  // IEEE binary16; beyond its largest: infinity

}  // namespace cuunet
