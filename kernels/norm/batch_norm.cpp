#include "kernels/norm/batch_norm.h"

#include "kernels/norm/channel_sums.h"

#include <cmath>

namespace cuunet {

void require_batch_norm(const Shape& x, int64_t channels, bool training) {
  if ((x.rank() != 4 && x.rank() != 2) || x[1] != channels) {
    throw ShapeError("batch_norm expects [N, {0}, H, W] or [N, {0}], got {1}", channels, x.text());
  }
  if (training && x.elements() / std::max<int64_t>(1, channels) <= 1) {
    throw ShapeError(
        "batch_norm expects more than one value per channel in training, got {}; take a larger batch or size",
        x.text());
  }
}

namespace {

void require_vector(const char* what, ConstView v, int64_t channels, DType dtype) {
  if (v.empty() || (v.shape == Shape{channels} && v.dtype == dtype)) return;
  throw ShapeError("batch_norm expects {} [{}] {}, got {} {}", what, channels, name_of(dtype), v.shape.text(),
                   name_of(v.dtype));
}

DType parameter_type(DType x) { return x == DType::f64 ? DType::f64 : DType::f32; }

template <class A>
A at(ConstView v, int64_t c, A otherwise) {
  return v.empty() ? otherwise : v.as<A>()[c];
}

template <class A>
void use_batch(const BatchNormForward& v, const double* mean, const double* squares, double count,
               const BatchNormParams& params) {
  for (int64_t c = 0; c < v.mean.elements(); ++c) {
    v.mean.as<A>()[c] = static_cast<A>(mean[c]);
    v.inv_std.as<A>()[c] = static_cast<A>(1.0 / std::sqrt(squares[c] / count + params.eps));
    if (v.running_mean.empty()) continue;
    A &running_mean = v.running_mean.as<A>()[c], &running_var = v.running_var.as<A>()[c];
    running_mean = static_cast<A>((1 - params.momentum) * running_mean + params.momentum * mean[c]);
    running_var = static_cast<A>((1 - params.momentum) * running_var + params.momentum * squares[c] / (count - 1));
  }
}

template <class A>
void use_running(const BatchNormForward& v, const BatchNormParams& params) {
  for (int64_t c = 0; c < v.mean.elements(); ++c) {
    v.mean.as<A>()[c] = v.running_mean.as<A>()[c];
    v.inv_std.as<A>()[c] = static_cast<A>(1.0 / std::sqrt(static_cast<double>(v.running_var.as<A>()[c]) + params.eps));
  }
}

// f is applied to the normalised values.
template <class F>
void forward_with(Context& context, const BatchNormForward& v, const BatchNormParams& params, const F& f) {
  ConstView x = norm::as_maps(v.x);
  View y = norm::as_maps(v.y);
  int64_t channels = v.mean.elements();
  require_batch_norm(v.x.shape, channels, params.training);
  DType dtype = parameter_type(x.dtype);
  if (!params.training && (v.running_mean.empty() || v.running_var.empty())) {
    throw ShapeError("batch_norm in eval needs running_mean and running_var, got none");
  }
  require_vector("weight", v.weight, channels, dtype);
  require_vector("bias", v.bias, channels, dtype);
  require_vector("running_mean", v.running_mean, channels, dtype);
  require_vector("running_var", v.running_var, channels, dtype);
  visit_float(x.dtype, [&]<class T>(T) {
    using A = accumulator_t<T>;
    Workspace workspace(context, static_cast<size_t>(channels) * 2 * (sizeof(double) + sizeof(A)));
    double *mean = workspace.as<double>(), *squares = mean + channels;
    A *scale = reinterpret_cast<A*>(squares + channels), *bias = scale + channels;
    auto rows = norm::rows_of<T>(x);
    if (params.training) {
      norm::moments<T>(context, rows, mean, squares);
      use_batch<A>(v, mean, squares, static_cast<double>(rows.count), params);
    } else {
      use_running<A>(v, params);
    }
    for (int64_t c = 0; c < channels; ++c) {
      scale[c] = v.inv_std.as<A>()[c] * at<A>(v.weight, c, 1);
      bias[c] = at<A>(v.bias, c, 0);
    }
    norm::normalise<T, A>(context, rows, v.mean.as<A>(), scale, bias, norm::rows_of<T>(y), y.lanes, f);
  });
}

template <bool relu>
void backward_with(Context& context, const BatchNormBackward& v, const BatchNormParams& params) {
  ConstView x = norm::as_maps(v.x), grad_y = norm::as_maps(v.grad_y);
  View grad_x = norm::as_maps(v.grad_x);
  int64_t channels = v.mean.elements();
  require_batch_norm(v.grad_y.shape, channels, params.training);
  visit_float(x.dtype, [&]<class T>(T) {
    using A = accumulator_t<T>;
    Workspace workspace(context, static_cast<size_t>(channels) * (2 * sizeof(double) + 4 * sizeof(A)));
    double *plain = workspace.as<double>(), *centred = plain + channels;
    A *scale = reinterpret_cast<A*>(centred + channels), *bias = scale + channels, *share = bias + channels,
      *slope = share + channels;
    const A *mean = v.mean.as<A>(), *inv_std = v.inv_std.as<A>();
    for (int64_t c = 0; c < channels; ++c) {
      scale[c] = inv_std[c] * at<A>(v.weight, c, 1);
      bias[c] = at<A>(v.bias, c, 0);
    }
    std::conditional_t<relu, norm::WherePositive<A>, norm::Everywhere> counts{};
    if constexpr (relu) counts = {scale, bias};
    auto rows = norm::rows_of<T>(x);
    auto upstream = norm::rows_of<T>(grad_y);
    bool sums = params.training || !v.grad_weight.empty() || !v.grad_bias.empty();
    if (sums) norm::product_sums(context, upstream, rows, mean, counts, plain, centred);
    for (int64_t c = 0; c < channels; ++c) {
      double count = static_cast<double>(rows.count), inverse = inv_std[c];
      share[c] = params.training ? static_cast<A>(plain[c] / count) : A(0);
      slope[c] = params.training ? static_cast<A>(centred[c] * inverse * inverse / count) : A(0);
      if (!v.grad_weight.empty()) v.grad_weight.as<A>()[c] = static_cast<A>(centred[c] * inverse);
      if (!v.grad_bias.empty()) v.grad_bias.as<A>()[c] = static_cast<A>(plain[c]);
    }
    if (grad_x.empty()) return;
    norm::normalise_backward(context, upstream, rows, mean, scale, share, slope, counts, norm::rows_of<T>(grad_x),
                             grad_x.lanes);
  });
}

void forward(Context& context, const BatchNormForward& v, const BatchNormParams& params) {
  forward_with(context, v, params, [](auto value) { return value; });
}
void relu_forward(Context& context, const BatchNormForward& v, const BatchNormParams& params) {
  forward_with(context, v, params, [](auto value) { return value < 0 ? decltype(value)(0) : value; });
}

const Implementation forward_on_cpu{batch_norm_forward, Device::cpu, forward};
const Implementation backward_on_cpu{batch_norm_backward, Device::cpu, backward_with<false>};
const Implementation relu_forward_on_cpu{batch_norm_relu_forward, Device::cpu, relu_forward};
const Implementation relu_backward_on_cpu{batch_norm_relu_backward, Device::cpu, backward_with<true>};

}  // namespace
}  // namespace cuunet
