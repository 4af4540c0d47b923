#include "kernels/conv/conv2d.h"

#include "kernels/conv/bias_gradient.h"
#include "kernels/conv/conv2d_reference.h"
#include "kernels/conv/conv2d_tiles.h"
#include "kernels/conv/conv2d_winograd.h"
#ifdef CUUNET_ONEDNN
#include "kernels/conv/conv2d_onednn.h"
#else
#include "kernels/conv/conv2d_plain.h"
#endif

namespace cuunet {
#ifdef CUUNET_ONEDNN
namespace general = onednn;
#else
namespace general = plain;
#endif
namespace {

void forward(Context& context, ConstView x, ConstView w, ConstView bias, View y, const Conv2dParams& params) {
  require_conv2d_shapes(x.shape, w.shape, bias, y.shape, params);
  if (y.dtype == DType::f64) return reference::conv2d_forward(context, x, w, bias, y, params);
  if (winograd::should_convolve(x, w.shape, y, params))
    return winograd::conv2d_forward(context, x, w, bias, y, params);
  if (tiles::can_convolve(x, w.shape, y)) return tiles::conv2d_forward(context, x, w, bias, y, params);
  general::conv2d_forward(context, x, w, bias, y, params);
}

void backward_input(Context& context, ConstView grad_y, ConstView w, View grad_x, const Conv2dParams& params) {
  require_conv2d_shapes(grad_x.shape, w.shape, {}, grad_y.shape, params);
  if (grad_x.dtype == DType::f64) return reference::conv2d_backward_input(context, grad_y, w, grad_x, params);
  general::conv2d_backward_input(context, grad_y, w, grad_x, params);
}

void backward_weight(Context& context, ConstView x, ConstView grad_y, View grad_w, View grad_bias,
                     const Conv2dParams& params) {
  if (!grad_bias.empty()) sum_channels(context, grad_y, grad_bias);
  if (grad_w.empty()) return;
  require_conv2d_shapes(x.shape, grad_w.shape, grad_bias, grad_y.shape, params);
  if (x.dtype == DType::f64) return reference::conv2d_backward_weight(context, x, grad_y, grad_w, params);
  general::conv2d_backward_weight(context, x, grad_y, grad_w, params);
}

const Implementation forward_on_cpu{conv2d_forward, Device::cpu, forward};
const Implementation backward_input_on_cpu{conv2d_backward_input, Device::cpu, backward_input};
const Implementation backward_weight_on_cpu{conv2d_backward_weight, Device::cpu, backward_weight};

}  // namespace

std::string cpu_convolutions() { return general::convolutions(); }

}  // namespace cuunet
