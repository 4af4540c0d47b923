// The convolution of f32 and bf16 feature maps without oneDNN: in f32, by tiles where they serve, else by the
// reference's loops. bf16 is converted and rounded once at the end. Bits do not depend on the number of threads.
#pragma once

#include "kernels/conv/conv2d.h"

#include <string>

namespace cuunet::plain {

void conv2d_forward(Context&, ConstView x, ConstView w, ConstView bias, View y, const Conv2dParams&);
void conv2d_backward_input(Context&, ConstView grad_y, ConstView w, View grad_x, const Conv2dParams&);
void conv2d_backward_weight(Context&, ConstView x, ConstView grad_y, View grad_w, const Conv2dParams&);

std::string convolutions();  // "plain loops"

}  // namespace cuunet::plain
