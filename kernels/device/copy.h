// Fills and copies.
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

// Every element and every pad lane of y becomes zero.
inline constinit Operator<void(Context&, View y)> fill_zero{"fill_zero"};
// The pad lanes of y become zero; its elements stay.
inline constinit Operator<void(Context&, View y)> zero_pad_lanes{"zero_pad_lanes"};
// y = x, converted to y's type; the same shape, any layout and slice. PyTorch: y.copy_(x)
inline constinit Operator<void(Context&, ConstView x, View y)> copy{"copy"};

}  // namespace cuunet
