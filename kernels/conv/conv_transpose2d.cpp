#include "kernels/conv/conv_transpose2d.h"

#include "kernels/conv/bias_gradient.h"
#include "kernels/conv/conv2d.h"
#include "kernels/device/copy.h"
#include "kernels/device/parallel.h"

namespace cuunet {

Shape conv_transpose2d_output_shape(const Shape& x, const Shape& w, const ConvTranspose2dParams& params) {
  if (x.rank() != 4 || w.rank() != 4 || x[1] != w[0]) {
    throw ShapeError("conv_transpose2d expects {} input channels (weight {}), got x {}", w.rank() == 4 ? w[0] : 0,
                     w.text(), x.text());
  }
  int64_t height = (x[2] - 1) * params.stride - 2 * params.padding + w[2];
  int64_t width = (x[3] - 1) * params.stride - 2 * params.padding + w[3];
  if (height < 1 || width < 1) {
    throw ShapeError("conv_transpose2d with padding {} leaves nothing of x {} (weight {})", params.padding, x.text(),
                     w.text());
  }
  return {x[0], w[1], height, width};
}

namespace {

Conv2dParams as_conv2d(const ConvTranspose2dParams& params) {
  return {.stride = params.stride, .padding = params.padding};
}

// y = sums + bias; sums may be y.
void add_bias(Context& context, ConstView sums, ConstView bias, View y) {
  visit_float(sums.dtype, [&]<class A>(A) {
    visit_float(y.dtype, [&]<class T>(T) {
      if constexpr (std::is_same_v<A, accumulator_t<T>>) {
        parallel_for(context, y.rows(), std::max<int64_t>(1, 16384 / y.c()), [=](int64_t begin, int64_t end) {
          for (int64_t row = begin; row < end; ++row) {
            const A* from = sums.as<A>() + row * sums.pixel_stride;
            T* to = y.as<T>() + row * y.pixel_stride;
            for (int64_t c = 0; c < y.c(); ++c) to[c] = static_cast<T>(from[c] + bias.as<A>()[c]);
          }
        });
      }
    });
  });
}

void forward(Context& context, ConstView x, ConstView w, ConstView bias, View y, const ConvTranspose2dParams& params) {
  Shape expected = conv_transpose2d_output_shape(x.shape, w.shape, params);
  if (!(expected == y.shape)) throw ShapeError("conv_transpose2d gives {}, got y {}", expected.text(), y.shape.text());
  if (!bias.empty() && bias.elements() != w.shape[1]) {
    throw ShapeError("conv_transpose2d expects a bias of {} elements (weight {}), got {}", w.shape[1], w.shape.text(),
                     bias.shape.text());
  }
  if (bias.empty() || y.dtype != DType::bf16) {
    conv2d_backward_input(context, x, w, y, as_conv2d(params));
    if (!bias.empty()) add_bias(context, y, bias, y);
    return;
  }
  // Rounded to bf16 once, after the bias.
  Workspace memory(context, static_cast<size_t>(owner_storage_elements(y.shape)) * sizeof(float));
  int64_t stride = owner_pixel_stride(y.shape);
  View sums{memory.as<float>(), DType::f32, y.shape, stride, stride};
  conv2d_backward_input(context, x, w, sums, as_conv2d(params));
  add_bias(context, sums, bias, y);
  zero_pad_lanes(context, y);
}

void backward_input(Context& context, ConstView grad_y, ConstView w, View grad_x, const ConvTranspose2dParams& params) {
  conv2d_forward(context, grad_y, w, {}, grad_x, as_conv2d(params));
}

void backward_weight(Context& context, ConstView x, ConstView grad_y, View grad_w, View grad_bias,
                     const ConvTranspose2dParams& params) {
  if (!grad_w.empty()) conv2d_backward_weight(context, grad_y, x, grad_w, {}, as_conv2d(params));
  if (!grad_bias.empty()) sum_channels(context, grad_y, grad_bias);
}

const Implementation forward_on_cpu{conv_transpose2d_forward, Device::cpu, forward};
const Implementation backward_input_on_cpu{conv_transpose2d_backward_input, Device::cpu, backward_input};
const Implementation backward_weight_on_cpu{conv_transpose2d_backward_weight, Device::cpu, backward_weight};

}  // namespace
}  // namespace cuunet
