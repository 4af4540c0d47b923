// grad_bias[c] = Σ_{n,h,w} grad_y[n,c,h,w] on the CPU, in fixed blocks added in order. grad_bias: [C] f32 (f64 with
// f64)
#pragma once

#include "kernels/device/context.h"
#include "kernels/device/view.h"

namespace cuunet {

void sum_channels(Context&, ConstView grad_y, View grad_bias);

}  // namespace cuunet
