// scale:    y = factor·x                                    x, y: any shape, f32, bf16 or f64
// scale_by: y = s·x, s a learned tensor of one element, f32 (f64 when x is f64)
//           grad_x = s·grad_y,  grad_s = Σ grad_y·x         in double over fixed blocks added in order
// PyTorch: x * factor, x * s
// y may be x, grad_x may be grad_y; empty gradients are not computed.
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

inline constinit Operator<void(Context&, ConstView x, View y, double factor)> scale_forward{"scale_forward"};
inline constinit Operator<void(Context&, ConstView x, ConstView s, View y)> scale_by_forward{"scale_by_forward"};
inline constinit Operator<void(Context&, ConstView x, ConstView s, ConstView grad_y, View grad_x, View grad_s)>
    scale_by_backward{"scale_by_backward"};

}  // namespace cuunet
