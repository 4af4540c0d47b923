// Differentiable normalisations. Formulas and shapes: kernels/norm.
#pragma once

#include "autograd/tape/tape.h"
#include "kernels/norm/batch_norm.h"

namespace cuunet {

// What an OperatorObserver sees of a batch norm besides x, weight and bias.
struct BatchNormCall {
  Tensor running_mean, running_var;
  BatchNormParams params;
};

// Over (N, H, W) per channel of [N, C, H, W] or [N, C]. In training the running statistics are overwritten, in eval
// they are used. weight, bias and (in training) the running statistics may be undefined.
// PyTorch: torch.nn.functional.batch_norm
Var batch_norm(const Var& x, const Var& weight, const Var& bias, Tensor running_mean, Tensor running_var,
               const BatchNormParams& params);

// relu(batch_norm(x, …)), in one pass where the device can.
Var batch_norm_relu(const Var& x, const Var& weight, const Var& bias, Tensor running_mean, Tensor running_var,
                    const BatchNormParams& params);

// Over (H, W) of each image and channel. PyTorch: torch.nn.functional.instance_norm
Var instance_norm(const Var& x, double eps = 1e-5);

}  // namespace cuunet
