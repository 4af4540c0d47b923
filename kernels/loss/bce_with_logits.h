// Binary cross-entropy of sigmoid(input) against target in [0, 1], from the logits:
// loss       = mean or sum of max(x, 0) - x z + log(1 + exp(-|x|)),  x = input, z = target
// grad_input = grad_loss · scale · (sigmoid(x) - z); scale = 1/elements or 1
// input, target: any shape, the same for both, f32, bf16 or f64; loss: one f32 (f64 for f64).
// PyTorch: torch.nn.functional.binary_cross_entropy_with_logits. The target is a constant: it gets no gradient.
#pragma once

#include "kernels/device/operator.h"
#include "kernels/loss/reduction.h"

namespace cuunet {

inline constinit Operator<void(Context&, ConstView input, ConstView target, View loss, Reduction)>
    bce_with_logits_forward{"bce_with_logits_forward"};
inline constinit Operator<void(Context&, ConstView input, ConstView target, ConstView grad_loss, View grad_input,
                               Reduction)>
    bce_with_logits_backward{"bce_with_logits_backward"};

}  // namespace cuunet
