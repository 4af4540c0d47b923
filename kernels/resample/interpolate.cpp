#include "kernels/resample/interpolate.h"

#include "kernels/resample/taps.h"

#include <algorithm>
#include <cmath>

namespace cuunet {

Shape interpolate_shape(const Shape& x, int64_t height, int64_t width) {
  if (x.rank() != 4 || x[2] < 1 || x[3] < 1 || height < 1 || width < 1) {
    throw ShapeError("interpolate expects [N, C, H, W] and positive sizes, got {} to {} x {}", x.text(), height, width);
  }
  return {x[0], x[1], height, width};
}

namespace {

double bilinear_position(int64_t d, int64_t in, int64_t out, bool align_corners) {
  auto position = static_cast<double>(d), from = static_cast<double>(in), to = static_cast<double>(out);
  if (align_corners) return out > 1 ? position * (from - 1) / (to - 1) : 0;
  return std::max((position + 0.5) * from / to - 0.5, 0.0);
}

Taps taps_of(int64_t in, int64_t out, Interpolation kind) {
  Taps taps(in);
  for (int64_t d = 0; d < out; ++d) {
    if (kind == Interpolation::nearest) {
      taps.append({{nearest_source(d, in, out), 1}});
      continue;
    }
    double position = bilinear_position(d, in, out, kind == Interpolation::bilinear_align_corners);
    int64_t first = std::min(static_cast<int64_t>(position), in - 1), second = std::min(first + 1, in - 1);
    double share = position - static_cast<double>(first);
    taps.append({{first, 1 - share}, {second, share}});
  }
  return taps;
}

void forward(Context& context, ConstView x, View y, Interpolation kind) {
  interpolate_shape(x.shape, y.h(), y.w());
  apply_taps("interpolate", context, x, y, taps_of(x.h(), y.h(), kind), taps_of(x.w(), y.w(), kind));
}

void backward(Context& context, ConstView grad_y, View grad_x, Interpolation kind) {
  if (grad_x.empty()) return;
  apply_taps_backward("interpolate", context, grad_y, grad_x, taps_of(grad_x.h(), grad_y.h(), kind),
                      taps_of(grad_x.w(), grad_y.w(), kind));
}

const Implementation forward_on_cpu{interpolate_forward, Device::cpu, forward};
const Implementation backward_on_cpu{interpolate_backward, Device::cpu, backward};

}  // namespace
}  // namespace cuunet
