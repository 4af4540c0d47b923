#include "kernels/conv/conv2d_plain.h"

#include "kernels/conv/conv2d_reference.h"
#include "kernels/conv/conv2d_tiles.h"
#include "kernels/conv/dense_views.h"

namespace cuunet::plain {

void conv2d_forward(Context& context, ConstView x, ConstView w, ConstView bias, View y, const Conv2dParams& params) {
  if (y.elements() == 0) return;
  Dense input(context, x, DType::f32);
  DenseResult result(context, y, DType::f32);
  if (tiles::can_convolve(input.view, w.shape, result.view)) {
    tiles::conv2d_forward(context, input.view, w, bias, result.view, params);
  } else {
    reference::conv2d_forward(context, input.view, w, bias, result.view, params);
  }
  result.store();
}

void conv2d_backward_input(Context& context, ConstView grad_y, ConstView w, View grad_x, const Conv2dParams& asked) {
  if (grad_x.elements() == 0) return;
  Conv2dParams params = asked;
  Dense upstream(context, grad_y, DType::f32);
  DenseResult result(context, grad_x, DType::f32);
  BorderedResult bordered(context, result.view, params);
  std::optional<Conv2dParams> rotated = rotated_conv2d(w.shape, params);
  if (rotated && tiles::can_convolve(upstream.view, w.shape, bordered.view)) {
    tiles::conv2d_rotated(context, upstream.view, w, bordered.view, *rotated);
  } else {
    reference::conv2d_backward_input(context, upstream.view, w, bordered.view, params);
  }
  bordered.store();
  result.store();
}

void conv2d_backward_weight(Context& context, ConstView x, ConstView grad_y, View grad_w, const Conv2dParams& params) {
  Dense input(context, x, DType::f32), upstream(context, grad_y, DType::f32);
  reference::conv2d_backward_weight(context, input.view, upstream.view, grad_w, params);
}

std::string convolutions() { return "plain loops"; }

}  // namespace cuunet::plain
