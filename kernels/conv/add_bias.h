// y[n,c,h,w] += bias[c], then max(y, 0) where relu is set, in place: what follows a convolution whose implementation
// cannot do it itself. y: f32 or bf16 (f64 on the cpu), any slice, its own pad lanes zero; bias: [C] f32 (f64 with
// f64), or empty: ReLU only
// PyTorch: y.add_(bias.view(1, -1, 1, 1)).relu_()
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

inline constinit Operator<void(Context&, ConstView bias, View y, bool relu)> add_bias{"add_bias"};

}  // namespace cuunet
