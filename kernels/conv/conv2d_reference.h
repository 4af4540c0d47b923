// The convolution by plain loops, all views f64 or all f32. In double it is what --precision f64 runs and what every
// other implementation is measured against. Bits depend on the shapes alone, and on whether the CPU has FMA.
#pragma once

#include "kernels/conv/conv2d.h"

namespace cuunet::reference {

void conv2d_forward(Context&, ConstView x, ConstView w, ConstView bias, View y, const Conv2dParams&);
void conv2d_backward_input(Context&, ConstView grad_y, ConstView w, View grad_x, const Conv2dParams&);
void conv2d_backward_weight(Context&, ConstView x, ConstView grad_y, View grad_w, const Conv2dParams&);

}  // namespace cuunet::reference
