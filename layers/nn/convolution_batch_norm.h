// A convolution and the batch norm behind it. Where no gradient goes to their parameters and the batch norm is in eval
// mode, both are one convolution:
//   weight' = weight·s, bias' = shift (+ bias·s), s = weight_bn / sqrt(running_var + eps), shift = bias_bn -
//   running_mean·s
// made at first use and again whenever one of the tensors was overwritten.
#pragma once

#include "layers/nn/batch_norm2d.h"
#include "layers/nn/conv2d.h"

namespace cuunet {

class ConvolutionBatchNorm {
 public:
  ConvolutionBatchNorm(Conv2d& convolution, BatchNorm2d& batch_norm)
      : convolution_(convolution), batch_norm_(batch_norm) {}

  // batch_norm(convolution(x)), then a ReLU if asked for.
  Var operator()(const Var& x, bool relu);

 private:
  bool can_fold();
  void fold();

  Conv2d& convolution_;
  BatchNorm2d& batch_norm_;
  Tensor weight_, bias_;  // folded
  int64_t folded_version_ = -1;
  WeightsCache packed_;  // of weight_
};

}  // namespace cuunet
