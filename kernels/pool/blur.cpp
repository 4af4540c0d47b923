#include "kernels/pool/blur.h"

#include "kernels/resample/taps.h"

#include <algorithm>

namespace cuunet {
namespace {

Taps taps_of(int64_t size) {
  Taps taps(size);
  for (int64_t i = 0; i < size; ++i) taps.append({{std::max<int64_t>(i - 1, 0), 0.5}, {i, 0.5}});
  return taps;
}

void require_maps(ConstView x) {
  if (x.shape.rank() != 4) throw ShapeError("blur expects [N, C, H, W], got {}", x.shape.text());
}

void forward(Context& context, ConstView x, View y) {
  require_maps(x);
  apply_taps("blur", context, x, y, taps_of(x.h()), taps_of(x.w()));
}

void backward(Context& context, ConstView grad_y, View grad_x) {
  if (grad_x.empty()) return;
  require_maps(grad_y);
  apply_taps_backward("blur", context, grad_y, grad_x, taps_of(grad_x.h()), taps_of(grad_x.w()));
}

const Implementation forward_on_cpu{blur_forward, Device::cpu, forward};
const Implementation backward_on_cpu{blur_backward, Device::cpu, backward};

}  // namespace
}  // namespace cuunet
