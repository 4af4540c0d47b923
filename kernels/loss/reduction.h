// How a loss becomes one number: the mean over all elements, or their sum. PyTorch: reduction='mean' | 'sum'
#pragma once

#include <cstdint>

namespace cuunet {

enum class Reduction { mean, sum };

inline double scale_of(Reduction reduction, int64_t elements) {
  return reduction == Reduction::mean ? 1.0 / static_cast<double>(elements) : 1.0;
}

}  // namespace cuunet
