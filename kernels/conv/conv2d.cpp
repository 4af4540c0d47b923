#include "kernels/conv/conv2d.h"

#include "kernels/conv/conv2d_reference.h"
#include "kernels/device/copy.h"

namespace cuunet {
namespace {

// A double copy of a view for the length of a scope.
class InDouble {
 public:
  InDouble(Context& context, ConstView x)
      : memory_(context, x.empty() ? 0 : static_cast<size_t>(owner_storage_elements(x.shape)) * sizeof(double)) {
    view = {memory_.as<double>(), DType::f64, x.shape, owner_pixel_stride(x.shape), owner_pixel_stride(x.shape)};
  }
  View view;

 private:
  Workspace memory_;
};

struct Input : InDouble {
  Input(Context& context, ConstView x) : InDouble(context, x) {
    if (!x.empty()) copy(context, x, view);
  }
};

struct Output : InDouble {
  Output(Context& context, View y) : InDouble(context, y), context_(context), y_(y) {}
  ~Output() {
    if (!y_.empty()) copy(context_, view, y_);
  }
  Context& context_;
  View y_;
};

void forward(Context& context, ConstView x, ConstView w, ConstView bias, View y, const Conv2dParams& params) {
  require_conv2d_shapes(x.shape, w.shape, bias, y.shape, params);
  if (y.dtype == DType::f64) return reference::conv2d_forward(context, x, w, bias, y, params);
  reference::conv2d_forward(context, Input(context, x).view, Input(context, w).view, Input(context, bias).view,
                            Output(context, y).view, params);
}

void backward_input(Context& context, ConstView grad_y, ConstView w, View grad_x, const Conv2dParams& params) {
  require_conv2d_shapes(grad_x.shape, w.shape, {}, grad_y.shape, params);
  if (grad_x.dtype == DType::f64) return reference::conv2d_backward_input(context, grad_y, w, grad_x, params);
  reference::conv2d_backward_input(context, Input(context, grad_y).view, Input(context, w).view,
                                   Output(context, grad_x).view, params);
}

void backward_weight(Context& context, ConstView x, ConstView grad_y, View grad_w, View grad_bias,
                     const Conv2dParams& params) {
  if (!grad_w.empty()) require_conv2d_shapes(x.shape, grad_w.shape, grad_bias, grad_y.shape, params);
  if (x.dtype == DType::f64) return reference::conv2d_backward_weight(context, x, grad_y, grad_w, grad_bias, params);
  reference::conv2d_backward_weight(context, Input(context, x).view, Input(context, grad_y).view,
                                    Output(context, grad_w).view, Output(context, grad_bias).view, params);
}

const Implementation forward_on_cpu{conv2d_forward, Device::cpu, forward};
const Implementation backward_input_on_cpu{conv2d_backward_input, Device::cpu, backward_input};
const Implementation backward_weight_on_cpu{conv2d_backward_weight, Device::cpu, backward_weight};

}  // namespace
}  // namespace cuunet
