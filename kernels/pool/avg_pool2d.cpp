#include "kernels/pool/avg_pool2d.h"

#include "kernels/resample/taps.h"

namespace cuunet {

Shape avg_pool2d_shape(const Shape& x, const AvgPoolParams& p) {
  if (x.rank() != 4 || p.kernel < 1 || p.stride < 1 || x[2] < p.kernel || x[3] < p.kernel) {
    throw ShapeError("avg_pool2d with kernel {0}, stride {1} expects [N, C, H, W] of at least {0} x {0}, got {2}",
                     p.kernel, p.stride, x.text());
  }
  return {x[0], x[1], (x[2] - p.kernel) / p.stride + 1, (x[3] - p.kernel) / p.stride + 1};
}

namespace {

Taps taps_of(int64_t in, int64_t out, const AvgPoolParams& p) {
  Taps taps(in);
  std::vector<Taps::Tap> window(static_cast<size_t>(p.kernel));
  for (int64_t o = 0; o < out; ++o) {
    for (int64_t r = 0; r < p.kernel; ++r) window[static_cast<size_t>(r)] = {o * p.stride + r, 1.0 / p.kernel};
    taps.append(window);
  }
  return taps;
}

void forward(Context& context, ConstView x, View y, const AvgPoolParams& p) {
  avg_pool2d_shape(x.shape, p);
  apply_taps("avg_pool2d", context, x, y, taps_of(x.h(), y.h(), p), taps_of(x.w(), y.w(), p));
}

void backward(Context& context, ConstView grad_y, View grad_x, const AvgPoolParams& p) {
  if (grad_x.empty()) return;
  apply_taps_backward("avg_pool2d", context, grad_y, grad_x, taps_of(grad_x.h(), grad_y.h(), p),
                      taps_of(grad_x.w(), grad_y.w(), p));
}

const Implementation forward_on_cpu{avg_pool2d_forward, Device::cpu, forward};
const Implementation backward_on_cpu{avg_pool2d_backward, Device::cpu, backward};

}  // namespace
}  // namespace cuunet
