#include "kernels/resample/pad.h"

#include "kernels/resample/taps.h"

#include <algorithm>

namespace cuunet {

Shape pad_shape(const Shape& x, const PadParams& p) {
  bool fits = x.rank() == 4 && std::min({p.left, p.right, p.top, p.bottom}) >= 0;
  if (fits && p.mode == PaddingMode::reflect) {
    fits = std::max(p.left, p.right) < x[3] && std::max(p.top, p.bottom) < x[2];
  }
  if (!fits) {
    throw ShapeError("pad by left {}, right {}, top {}, bottom {} expects [N, C, H, W]{}, got {}", p.left, p.right,
                     p.top, p.bottom, p.mode == PaddingMode::reflect ? " larger than each reflected pad" : "",
                     x.text());
  }
  return {x[0], x[1], p.top + x[2] + p.bottom, p.left + x[3] + p.right};
}

namespace {

Taps taps_of(int64_t size, int64_t before, int64_t after, PaddingMode mode) {
  Taps taps(size);
  for (int64_t i = -before; i < size + after; ++i) {
    int64_t source = padded_index(i, size, mode);
    if (source >= 0)
      taps.append({{source, 1}});
    else
      taps.append({});
  }
  return taps;
}

void forward(Context& context, ConstView x, View y, const PadParams& p) {
  pad_shape(x.shape, p);
  apply_taps("pad", context, x, y, taps_of(x.h(), p.top, p.bottom, p.mode), taps_of(x.w(), p.left, p.right, p.mode));
}

void backward(Context& context, ConstView grad_y, View grad_x, const PadParams& p) {
  if (grad_x.empty()) return;
  apply_taps_backward("pad", context, grad_y, grad_x, taps_of(grad_x.h(), p.top, p.bottom, p.mode),
                      taps_of(grad_x.w(), p.left, p.right, p.mode));
}

const Implementation forward_on_cpu{pad_forward, Device::cpu, forward};
const Implementation backward_on_cpu{pad_backward, Device::cpu, backward};

}  // namespace
}  // namespace cuunet
