// The convolution by oneDNN, for f32 and bf16 feature maps.
//
// oneDNN gets whole NHWC tensors and the padded channel counts as the logical ones; with strided views it falls back to
// reference loops, a hundred times slower. Slices are copied first, weights are cast and packed at each call.
#pragma once

#include "kernels/conv/conv2d.h"

#include <string>

namespace cuunet::onednn {

void conv2d_forward(Context&, ConstView x, ConstView w, ConstView bias, View y, const Conv2dParams&);
void conv2d_backward_input(Context&, ConstView grad_y, ConstView w, View grad_x, const Conv2dParams&);
void conv2d_backward_weight(Context&, ConstView x, ConstView grad_y, View grad_w, const Conv2dParams&);

// What oneDNN calls the implementation that it runs for a pass: "brgconv:avx512_core", "ref:any".
std::string conv2d_implementation(Context&, Conv2dPass, const Shape& x, const Shape& w, const Conv2dParams&, DType);

std::string convolutions();  // "oneDNN 2.6.0"

}  // namespace cuunet::onednn
