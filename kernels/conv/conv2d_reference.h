// The convolution in double, by plain loops: what --precision f64 runs and what every other implementation is measured
// against. All views are f64.
#pragma once

#include "kernels/conv/conv2d.h"

namespace cuunet::reference {

void conv2d_forward(Context&, ConstView x, ConstView w, ConstView bias, View y, const Conv2dParams&);
void conv2d_backward_input(Context&, ConstView grad_y, ConstView w, View grad_x, const Conv2dParams&);
void conv2d_backward_weight(Context&, ConstView x, ConstView grad_y, View grad_w, const Conv2dParams&);

}  // namespace cuunet::reference
