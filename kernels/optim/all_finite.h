// count += number of elements of x that are NaN or infinite.
// x: f32, bf16 or f64, whole (its pad lanes are looked at too; they are zero); count: one i64, so that the question can
// stay on the device until an optimiser's step or the trainer asks. PyTorch: (~x.isfinite()).sum()
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

inline constinit Operator<void(Context&, ConstView x, View count)> count_not_finite{"count_not_finite"};

}  // namespace cuunet
