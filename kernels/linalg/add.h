// y = a + b             a, b, y: one shape, f32, bf16 or f64
// PyTorch: a + b. y may be a or b.
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

inline constinit Operator<void(Context&, ConstView a, ConstView b, View y)> add_forward{"add_forward"};

}  // namespace cuunet
