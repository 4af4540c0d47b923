// Images with their border written out, and the gradient of that, on the CPU.
#pragma once

#include "kernels/device/context.h"
#include "kernels/device/padding.h"
#include "kernels/device/view.h"

namespace cuunet {

// padded[n,c,i,j] = x[n,c,i-pad,j-pad], outside x by the mode. padded: [N, C, H + 2·pad, W + 2·pad], x's type
void write_border(Context&, ConstView x, View padded, int64_t padding, PaddingMode mode);

// grad_x = the gradients of all cells of `padded` that copy a pixel, added; all f32 or all f64.
void fold_border(Context&, ConstView padded, View grad_x, int64_t padding, PaddingMode mode);

}  // namespace cuunet
