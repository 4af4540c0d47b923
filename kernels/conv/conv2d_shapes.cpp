#include "kernels/conv/conv2d.h"
#include "kernels/device/error.h"

namespace cuunet {

Shape conv2d_output_shape(const Shape& x, const Shape& w, const Conv2dParams& params) {
  if (x.rank() != 4 || w.rank() != 4) {
    throw ShapeError("conv2d expects x [N, C, H, W] and weight [K, C, R, S], got x {} and weight {}", x.text(),
                     w.text());
  }
  if (x[1] != w[1]) {
    throw ShapeError("conv2d expects {} input channels (weight {}), got {} (x {})", w[1], w.text(), x[1], x.text());
  }
  if (params.stride < 1 || params.padding < 0) {
    throw ShapeError("conv2d expects stride >= 1 and padding >= 0, got {} and {}", params.stride, params.padding);
  }
  if (params.padding_mode == PaddingMode::reflect && (params.padding >= x[2] || params.padding >= x[3])) {
    throw ShapeError("conv2d with reflect padding {} expects an image larger than that, got x {}", params.padding,
                     x.text());
  }
  int64_t height = x[2] + 2 * params.padding - w[2], width = x[3] + 2 * params.padding - w[3];
  if (height < 0 || width < 0) {
    throw ShapeError("conv2d with padding {} expects an image no smaller than weight {}, got x {}", params.padding,
                     w.text(), x.text());
  }
  return {x[0], w[0], height / params.stride + 1, width / params.stride + 1};
}

void require_conv2d_shapes(const Shape& x, const Shape& w, ConstView bias, const Shape& y, const Conv2dParams& params) {
  Shape expected = conv2d_output_shape(x, w, params);
  if (!(expected == y)) {
    throw ShapeError("conv2d of x {} by weight {} gives {}, got y {}", x.text(), w.text(), expected.text(), y.text());
  }
  if (!bias.empty() && bias.elements() != w[0]) {
    throw ShapeError("conv2d expects a bias of {} elements (weight {}), got {}", w[0], w.text(), bias.shape.text());
  }
}

std::optional<Conv2dParams> rotated_conv2d(const Shape& w, const Conv2dParams& params) {
  bool zeros = params.padding == 0 || params.padding_mode == PaddingMode::zeros;
  if (params.stride != 1 || w[2] != w[3] || params.padding >= w[2] || !zeros) return {};
  return Conv2dParams{.padding = static_cast<int>(w[2]) - 1 - params.padding};
}

}  // namespace cuunet
