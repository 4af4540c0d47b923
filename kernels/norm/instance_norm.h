// Normalisation over (H, W) of each image and channel, without parameters; train and eval alike.
// y = (x - m)·inv_std, inv_std = 1/sqrt(v + eps)          x, y: [N, C, H, W]; m, biased v, inv_std: [N, C]
// With x̂ = y:  grad_x = inv_std·(grad_y - mean(grad_y) - x̂·mean(grad_y·x̂)), means over (H, W)
// PyTorch: torch.nn.functional.instance_norm
// forward writes mean and inv_std for backward: f32 (f64 when x is f64). y may be a channel slice, or x itself; grad_x
// may be grad_y.
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

// Throws a ShapeError unless x is [N, C, H, W] with more than one pixel.
void require_instance_norm(const Shape& x);

inline constinit Operator<void(Context&, ConstView x, View y, View mean, View inv_std, double eps)>
    instance_norm_forward{"instance_norm_forward"};
inline constinit Operator<void(Context&, ConstView x, ConstView mean, ConstView inv_std, ConstView grad_y, View grad_x)>
    instance_norm_backward{"instance_norm_backward"};

}  // namespace cuunet
