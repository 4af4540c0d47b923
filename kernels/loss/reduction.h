// The type of a loss, and how it becomes one number: the mean over all elements, or their sum. PyTorch:
// reduction='mean' | 'sum'
#pragma once

#include "kernels/device/dtype.h"

namespace cuunet {

enum class Reduction { mean, sum };

inline double scale_of(Reduction reduction, int64_t elements) {
  return reduction == Reduction::mean ? 1.0 / static_cast<double>(elements) : 1.0;
}

// f32 for f32 and bf16 maps, f64 for f64.
constexpr DType loss_dtype(DType maps) { return maps == DType::f64 ? DType::f64 : DType::f32; }

}  // namespace cuunet
