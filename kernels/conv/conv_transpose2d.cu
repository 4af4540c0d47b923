// The passes of conv2d (kernels/conv/conv2d.cu) in other roles: its input gradient forward, with a bias where the sums
// are finished, its forward pass for the input's gradient, its weight gradient with image and gradient exchanged.
// Traffic, arithmetic and bound are theirs: 2·C·R·S·K / stride² operations per pixel of y.
#include "kernels/conv/conv_transpose2d.h"

#include "kernels/conv/conv2d_backward_input.cuh"
#include "kernels/reduce/channel_sum.cuh"

namespace cuunet::CUUNET_TARGET {
namespace {

Conv2dParams as_conv2d(const ConvTranspose2dParams& params) {
  return {.stride = params.stride, .padding = params.padding};
}

void forward(Context& context, ConstView x, ConstView w, ConstView bias, View y, const ConvTranspose2dParams& params) {
  Shape expected = conv_transpose2d_output_shape(x.shape, w.shape, params);
  if (!(expected == y.shape)) throw ShapeError("conv_transpose2d gives {}, got y {}", expected.text(), y.shape.text());
  if (!bias.empty() && bias.elements() != w.shape[1]) {
    throw ShapeError("conv_transpose2d expects a bias of {} elements (weight {}), got {}", w.shape[1], w.shape.text(),
                     bias.shape.text());
  }
  conv2d_backward_input_plus_bias(context, x, w, bias, y, as_conv2d(params));
}

void backward_input(Context& context, ConstView grad_y, ConstView w, View grad_x, const ConvTranspose2dParams& params) {
  conv2d_forward(context, grad_y, w, {}, grad_x, as_conv2d(params));
}

void backward_weight(Context& context, ConstView x, ConstView grad_y, View grad_w, View grad_bias,
                     const ConvTranspose2dParams& params) {
  if (!grad_w.empty()) conv2d_backward_weight(context, grad_y, x, grad_w, {}, as_conv2d(params));
  if (!grad_bias.empty()) sum_per_channel(context, grad_y, grad_bias);
}

const Implementation forward_here{conv_transpose2d_forward, Device::CUUNET_TARGET, forward};
const Implementation backward_input_here{conv_transpose2d_backward_input, Device::CUUNET_TARGET, backward_input};
const Implementation backward_weight_here{conv_transpose2d_backward_weight, Device::CUUNET_TARGET, backward_weight};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
