// Batch normalisation over (N, H, W) per channel; x, y: [N, C, H, W] or [N, C]; the rest: [C].
// training: m = mean, v = biased variance of the batch;
//           running_mean ← (1-momentum)·running_mean + momentum·m
//           running_var  ← (1-momentum)·running_var + momentum·v·count/(count-1)
// eval:     m, v = running_mean, running_var, which stay
// y = (x - m)·inv_std·weight + bias, inv_std = 1/sqrt(v + eps)
// With x̂ = (x - m)·inv_std:
//   grad_bias = Σ grad_y,   grad_weight = Σ grad_y·x̂
//   grad_x = weight·inv_std·(grad_y - grad_bias/count - x̂·grad_weight/count)   in training
//          = weight·inv_std·grad_y                                              in eval
// PyTorch: torch.nn.functional.batch_norm
// forward writes mean and inv_std of whichever statistics it used: backward reads them. Statistics and parameters are
// f32 (f64 when x is f64). weight, bias may be empty (1, 0), running statistics too in training; any grad view may be
// empty and is then not computed. The variance is computed around the mean (blocks merged as by Chan et al. 1983),
// never as E[x²] - E[x]². y may be a channel slice, or x itself; grad_x may be grad_y.
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

struct BatchNormParams {
  bool training = false;
  double eps = 1e-5;
  double momentum = 0.1;
};

struct BatchNormForward {
  ConstView x, weight, bias;
  View running_mean, running_var;  // read in eval, updated in training
  View y, mean, inv_std;
};

struct BatchNormBackward {
  ConstView x, weight, mean, inv_std, grad_y;
  View grad_x, grad_weight, grad_bias;
  ConstView bias = {};  // only with ReLU
};

// Throws a ShapeError unless x is [N, channels] or [N, channels, H, W], with more than one value per channel in
// training.
void require_batch_norm(const Shape& x, int64_t channels, bool training);

inline constinit Operator<void(Context&, const BatchNormForward&, const BatchNormParams&)> batch_norm_forward{
    "batch_norm_forward"};
inline constinit Operator<void(Context&, const BatchNormBackward&, const BatchNormParams&)> batch_norm_backward{
    "batch_norm_backward"};

// y = max(batch_norm(x), 0) in one pass. backward finds out again from x which values passed: y need not be kept.
inline constinit Operator<void(Context&, const BatchNormForward&, const BatchNormParams&)> batch_norm_relu_forward{
    "batch_norm_relu_forward"};
inline constinit Operator<void(Context&, const BatchNormBackward&, const BatchNormParams&)> batch_norm_relu_backward{
    "batch_norm_relu_backward"};

}  // namespace cuunet
