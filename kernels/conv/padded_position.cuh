// kernels/conv/padding.h in a kernel.
#pragma once

#include "kernels/conv/padding.h"
#include "kernels/device/kernel.h"

namespace cuunet::CUUNET_TARGET {

// The pixel that index i of a dimension reads, -1 for a zero.
__device__ __forceinline__ int padded_position(int i, int size, PaddingMode mode) {
  if (i >= 0 && i < size) return i;
  if (mode == PaddingMode::zeros) return -1;
  if (mode == PaddingMode::replicate) return i < 0 ? 0 : size - 1;
  return i < 0 ? -i : 2 * (size - 1) - i;
}

}  // namespace cuunet::CUUNET_TARGET
