// y[n,i,j] = Σ_p x[n,i,p] · x[n,j,p] / (C·H·W)        p over the pixels; the style of a feature map (Gatys et al. 2016)
// grad_x   = (grad_y + grad_yᵀ) · x / (C·H·W)
// x: [N, C, H, W] f32, bf16 or f64; y: [N, C, C] f32 (f64 with f64)
// PyTorch: f = x.view(n, c, -1); (f @ f.transpose(1, 2)) / (c * h * w)
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

inline constinit Operator<void(Context&, ConstView x, View y)> gram_forward{"gram_forward"};
inline constinit Operator<void(Context&, ConstView x, ConstView grad_y, View grad_x)> gram_backward{"gram_backward"};

}  // namespace cuunet
