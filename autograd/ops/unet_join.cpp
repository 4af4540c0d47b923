#include "autograd/ops/unet_join.h"

#include "autograd/ops/arithmetic.h"
#include "autograd/ops/norm.h"
#include "autograd/ops/pixel_shuffle.h"
#include "autograd/ops/pool.h"
#include "kernels/pixel_shuffle/pixel_shuffle.h"
#include "kernels/pixel_shuffle/shuffle_blur.h"

namespace cuunet {
namespace {

bool one_pass_on(Device device) {
  return shuffle_blur_forward.built_for(device) && shuffle_blur_backward.built_for(device) &&
         batch_norm_relu_forward.built_for(device) && batch_norm_relu_backward.built_for(device);
}

Var in_steps(const Var& coarse, bool blurred, const UnetSkip& skip) {
  Var up = pixel_shuffle(coarse, 2);
  if (blurred) up = blur(up);
  return concat_relu(
      {up, batch_norm(skip.x, skip.weight, skip.bias, skip.running_mean, skip.running_var, skip.params)});
}

Shape joined_shape(const Shape& up, const Shape& skip) {
  if (skip.rank() != 4 || skip[0] != up[0] || skip[2] != up[2] || skip[3] != up[3]) {
    throw ShapeError("unet_join expects a skip of the enlarged map's size {}, got {}", up.text(), skip.text());
  }
  return {up[0], up[1] + skip[1], up[2], up[3]};
}

}  // namespace

Var unet_join(const Var& coarse, bool blurred, const UnetSkip& skip) {
  Context& context = coarse.context();
  if (!one_pass_on(context.device())) return in_steps(coarse, blurred, skip);
  Shape up = pixel_shuffle_shape(coarse.shape(), 2), shape = joined_shape(up, skip.x.shape());
  int64_t split = up[1], end = shape[1];
  require_batch_norm(skip.x.shape(), end - split, skip.params.training);
  Var y(Tensor::empty(context, shape, coarse.dtype()));
  Tensor mean = Tensor::empty(context, {end - split}, coarse.dtype() == DType::f64 ? DType::f64 : DType::f32);
  Tensor inv_std = Tensor::empty(context, mean.shape(), mean.dtype());
  if (blurred)
    shuffle_blur_forward(context, coarse.view(), y.value().channels(0, split).view());
  else
    pixel_shuffle_forward(context, coarse.view(), y.value().channels(0, split).view(), 2);
  Tensor running_mean = skip.running_mean, running_var = skip.running_var;
  batch_norm_relu_forward(context,
                          {skip.x.view(), skip.weight.view(), skip.bias.view(), running_mean.view(), running_var.view(),
                           y.value().channels(split, end).view(), mean.view(), inv_std.view()},
                          skip.params);
  if (skip.params.training) {
    running_mean.mark_changed();
    running_var.mark_changed();
  }
  record("unet_join", {coarse, skip.x, skip.weight, skip.bias}, y,
         [=, x = save(skip.x), weight = save(skip.weight), bias = save(skip.bias), params = skip.params](Gradients& g) {
           const Tensor& grad_y = g.of_output_tensor();
           View grad_up = grad_y.channels(0, split).view(), grad_skip = grad_y.channels(split, end).view();
           if (g.needs(0) && blurred) shuffle_blur_backward(g.context(), grad_up, g.wanted(0));
           if (g.needs(0) && !blurred) pixel_unshuffle_forward(g.context(), grad_up, g.wanted(0), 2);
           if (!g.needs(1) && !g.needs(2) && !g.needs(3)) return;
           batch_norm_relu_backward(g.context(),
                                    {x.view(), weight.view(), mean.view(), inv_std.view(), grad_skip, g.wanted(1),
                                     g.wanted(2), g.wanted(3), bias.view()},
                                    params);
         });
  return y;
}

}  // namespace cuunet
