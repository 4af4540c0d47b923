// conv2d's passes by cuDNN, in terms of a session and the operators that copy, pad and add a bias: on the context's
// device whatever that is, so that tests run them on the CPU with a session of their own.
//
// Slices are copied to dense memory first, modes reflect and replicate are padded by pad_forward (and folded back by
// pad_backward), weights are converted to the type of the images and filled up with zeros to a multiple of 8 outputs.
// Bias and ReLU go along where cuDNN does that (the bias then rounded to the type of the images), else they are one
// more pass over the result. With bf16 images the weights' gradient is rounded to bf16 once, as PyTorch's autocast
// does.
#pragma once

#include "kernels/conv/cudnn_session.h"

namespace cuunet {

void cudnn_conv2d_forward(CudnnSession&, Context&, ConstView x, ConstView w, ConstView bias, View y,
                          const Conv2dParams&);
void cudnn_conv2d_backward_input(CudnnSession&, Context&, ConstView grad_y, ConstView w, ConstView bias, View grad_x,
                                 const Conv2dParams&);
void cudnn_conv2d_backward_weight(CudnnSession&, Context&, ConstView x, ConstView grad_y, View grad_w,
                                  const Conv2dParams&);

}  // namespace cuunet
