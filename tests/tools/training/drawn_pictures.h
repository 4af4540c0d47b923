// Two pictures of noise for a training step; each number gives others.
#pragma once

#include "engine/tensor/tensor.h"
#include "kernels/device/philox.h"

#include <vector>

namespace cuunet {

// [2, 3, side, side] f32, uniform in [-2, 2).
inline Tensor drawn_pictures(Context& context, int64_t side, uint32_t number) {
  RandomStream random(3, Purpose::scenes, number);
  std::vector<float> values(static_cast<size_t>(2 * 3 * side * side));
  for (float& value : values) value = static_cast<float>(random.uniform(-2, 2));
  return Tensor::from_host(context, {2, 3, side, side}, DType::f32, values);
}

}  // namespace cuunet
