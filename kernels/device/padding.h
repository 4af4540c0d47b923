// What lies outside an image: zeros, the image mirrored at its border pixels (which are not repeated), or the border
// pixels themselves. PyTorch: padding_mode 'zeros' (pad: 'constant'), 'reflect', 'replicate'.
#pragma once

#include "kernels/device/host_device.h"

namespace cuunet {

enum class PaddingMode { zeros, reflect, replicate };

constexpr const char* name_of(PaddingMode mode) {
  switch (mode) {
    case PaddingMode::zeros: return "zeros";
    case PaddingMode::reflect: return "reflect";
    case PaddingMode::replicate: return "replicate";
  }
  return "?";
}

// Where index i of a dimension of `size`, possibly outside 0 … size-1, is read; -1 where it counts as zero.
// Reflection needs -size < i < 2·size - 1.
template <class Int>
CUUNET_HOST_DEVICE constexpr Int padded_index(Int i, Int size, PaddingMode mode) {
  if (i >= 0 && i < size) return i;
  if (mode == PaddingMode::zeros) return -1;
  if (mode == PaddingMode::replicate) return i < 0 ? 0 : size - 1;
  return i < 0 ? -i : 2 * (size - 1) - i;
}

}  // namespace cuunet
