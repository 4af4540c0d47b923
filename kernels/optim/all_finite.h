// count += number of elements of all tensors that are NaN or infinite.
// Tensors: f32, bf16 or f64, whole (pad lanes are looked at too; they are zero); count: one i64, so that the question
// can stay on the device until an optimiser's step or the trainer asks. PyTorch: (~x.isfinite()).sum()
#pragma once

#include "kernels/device/operator.h"

#include <span>

namespace cuunet {

inline constinit Operator<void(Context&, std::span<const ConstView> tensors, View count)> count_not_finite{
    "count_not_finite"};

}  // namespace cuunet
