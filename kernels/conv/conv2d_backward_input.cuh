// conv2d_backward_input with a bias per channel of grad_x, f32 or empty: what a transposed convolution computes.
#pragma once

#include "kernels/conv/conv2d.h"
#include "kernels/device/kernel.h"

namespace cuunet::CUUNET_TARGET {

void conv2d_backward_input_plus_bias(Context&, ConstView grad_y, ConstView w, ConstView bias, View grad_x,
                                     const Conv2dParams&);

}  // namespace cuunet::CUUNET_TARGET
