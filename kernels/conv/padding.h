// What lies outside an image: zeros, the image mirrored at its border pixels (which are not repeated), or the border
// pixels themselves. PyTorch: padding_mode 'zeros', 'reflect', 'replicate'.
#pragma once

#include <algorithm>
#include <cstdint>

namespace cuunet {

enum class PaddingMode { zeros, reflect, replicate };
const char* name_of(PaddingMode);

// Where index i of a dimension of `size`, possibly outside 0 … size-1, is read; -1 where it counts as zero.
// Reflection needs -size < i < 2·size - 1.
constexpr int64_t padded_index(int64_t i, int64_t size, PaddingMode mode) {
  if (i >= 0 && i < size) return i;
  switch (mode) {
    case PaddingMode::zeros: return -1;
    case PaddingMode::reflect: return i < 0 ? -i : 2 * (size - 1) - i;
    case PaddingMode::replicate: return std::clamp<int64_t>(i, 0, size - 1);
  }
  return -1;
}

}  // namespace cuunet
