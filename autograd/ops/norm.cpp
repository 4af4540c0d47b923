#include "autograd/ops/norm.h"

#include "autograd/ops/activation.h"
#include "kernels/norm/instance_norm.h"

namespace cuunet {
namespace {

DType statistics_type(DType x) { return x == DType::f64 ? DType::f64 : DType::f32; }

template <class Forward, class Backward>
Var normalised(const char* name, const Forward& forward, const Backward& backward, const Var& x, const Var& weight,
               const Var& bias, Tensor& running_mean, Tensor& running_var, const BatchNormParams& params) {
  int64_t channels = weight.defined()         ? weight.value().elements()
                     : running_mean.defined() ? running_mean.elements()
                     : x.shape().rank() > 1   ? x.shape()[1]
                                              : 0;
  require_batch_norm(x.shape(), channels, params.training);
  Context& context = x.context();
  Var y(Tensor::empty(context, x.shape(), x.dtype()));
  Tensor mean = Tensor::empty(context, {channels}, statistics_type(x.dtype()));
  Tensor inv_std = Tensor::empty(context, {channels}, mean.dtype());
  forward(context,
          {x.view(), weight.view(), bias.view(), running_mean.view(), running_var.view(), y.view(), mean.view(),
           inv_std.view()},
          params);
  if (params.training && running_mean.defined()) {
    running_mean.mark_changed();
    running_var.mark_changed();
  }
  record(name, {x, weight, bias}, y, BatchNormCall{running_mean, running_var, params},
         [&backward, x = save(x), weight = save(weight), bias = save(bias), mean, inv_std, params](Gradients& g) {
           backward(g.context(),
                    {x.view(), weight.view(), mean.view(), inv_std.view(), g.of_output(), g.wanted(0), g.wanted(1),
                     g.wanted(2), bias.view()},
                    params);
         });
  return y;
}

}  // namespace

Var batch_norm(const Var& x, const Var& weight, const Var& bias, Tensor running_mean, Tensor running_var,
               const BatchNormParams& params) {
  return normalised("batch_norm", batch_norm_forward, batch_norm_backward, x, weight, bias, running_mean, running_var,
                    params);
}

Var batch_norm_relu(const Var& x, const Var& weight, const Var& bias, Tensor running_mean, Tensor running_var,
                    const BatchNormParams& params) {
  if (!batch_norm_relu_forward.built_for(x.context().device())) {
    return relu(batch_norm(x, weight, bias, running_mean, running_var, params));
  }
  return normalised("batch_norm_relu", batch_norm_relu_forward, batch_norm_relu_backward, x, weight, bias, running_mean,
                    running_var, params);
}

Var instance_norm(const Var& x, double eps) {
  require_instance_norm(x.shape());
  Context& context = x.context();
  Var y(Tensor::empty(context, x.shape(), x.dtype()));
  Shape per_image{x.shape()[0], x.shape()[1]};
  Tensor mean = Tensor::empty(context, per_image, statistics_type(x.dtype()));
  Tensor inv_std = Tensor::empty(context, per_image, mean.dtype());
  instance_norm_forward(context, x.view(), y.view(), mean.view(), inv_std.view(), eps);
  record("instance_norm", {x}, y, eps, [x = save(x), mean, inv_std](Gradients& g) {
    instance_norm_backward(g.context(), x.view(), mean.view(), inv_std.view(), g.of_output(), g.wanted(0));
  });
  return y;
}

}  // namespace cuunet
