// A separable map of one (nearest) or two taps per axis (kernels/resample/taps.cuh). Positions are fractions of whole
// numbers, so that bilinear weights are exact to one rounding without doubles.
// Per element of y: 4 bytes written and up to four elements read, from the caches when y is larger (bf16: half);
// backward the reverse. Up to 12 operations, and some divisions per pack. Bound: memory bandwidth.
#include "kernels/resample/interpolate.h"

#include "kernels/resample/taps.cuh"

#include <algorithm>

namespace cuunet::CUUNET_TARGET {
namespace {

struct Nearest {
  int sources, outputs;

  __device__ __forceinline__ int taps() const { return 1; }
  __device__ __forceinline__ Tap tap(int output, int) const {
    return {static_cast<int>(nearest_source(output, sources, outputs)), 1};
  }
  // The f32 rule may be off by one from exact arithmetic.
  __device__ __forceinline__ int first_reader(int source) const {
    return static_cast<int>(max(int64_t{source} * outputs / sources - 1, int64_t{0}));
  }
  __device__ __forceinline__ int last_reader(int source) const {
    int64_t last = (int64_t{source} + 1) * outputs / sources + 1;
    return source == sources - 1 || last >= outputs ? outputs - 1 : static_cast<int>(last);
  }
  __device__ __forceinline__ float weight(int output, int source) const {
    return tap(output, 0).source == source ? 1.0f : 0.0f;
  }
};

// Output d lies at (d · step + shift) / parts, not before the first source nor beyond the last, where it is a copy:
// less than 2^31 in 32 bits.
struct Bilinear {
  int sources, outputs;
  int step, shift, parts;
  float part;  // 1 / parts

  __device__ __forceinline__ int position(int output) const {
    return min(max(output * step + shift, 0), (sources - 1) * parts);
  }
  __device__ __forceinline__ int taps() const { return 2; }
  __device__ __forceinline__ Tap tap(int output, int k) const {
    int at = position(output), first = at / parts, second = min(first + 1, sources - 1);
    float share = static_cast<float>(at - first * parts) * part;
    return k == 0 ? Tap{first, 1 - share} : Tap{second, share};
  }
  // Those whose position is above source - 1 and below source + 1.
  __device__ __forceinline__ int first_reader(int source) const {
    return source == 0 || step == 0 ? 0 : max(((source - 1) * parts - shift) / step, 0);
  }
  __device__ __forceinline__ int last_reader(int source) const {
    return source == sources - 1 || step == 0 ? outputs - 1 : min(((source + 1) * parts - shift) / step, outputs - 1);
  }
  // A hat over the source, level beyond the first and the last.
  __device__ __forceinline__ float weight(int output, int source) const {
    int distance = abs(position(output) - source * parts);
    return static_cast<float>(max(parts - distance, 0)) * part;
  }
};

Nearest nearest_axis(int64_t in, int64_t out) { return {static_cast<int>(in), static_cast<int>(out)}; }

Bilinear bilinear_axis(int64_t in, int64_t out, bool align_corners) {
  if (in * out >= int64_t{1} << 30) {
    throw ShapeError("interpolate counts positions in 32 bits: {} to {} pixels are too many", in, out);
  }
  // (d + 1/2) · in/out - 1/2, or d · (in - 1)/(out - 1)
  int64_t step = 2 * in, shift = in - out, parts = 2 * out;
  if (align_corners) step = out > 1 ? in - 1 : 0, shift = 0, parts = std::max<int64_t>(out - 1, 1);
  return {static_cast<int>(in),    static_cast<int>(out),   static_cast<int>(step),
          static_cast<int>(shift), static_cast<int>(parts), static_cast<float>(1.0 / static_cast<double>(parts))};
}

// run(rows, columns) with the axes of x and y.
template <class Run>
void with_axes(ConstView x, ConstView y, Interpolation kind, const Run& run) {
  interpolate_shape(x.shape, y.h(), y.w());
  bool align_corners = kind == Interpolation::bilinear_align_corners;
  if (kind == Interpolation::nearest)
    run(nearest_axis(x.h(), y.h()), nearest_axis(x.w(), y.w()));
  else
    run(bilinear_axis(x.h(), y.h(), align_corners), bilinear_axis(x.w(), y.w(), align_corners));
}

void forward(Context& context, ConstView x, View y, Interpolation kind) {
  with_axes(x, y, kind,
            [&](const auto& rows, const auto& columns) { apply_taps("interpolate", context, x, y, rows, columns); });
}

void backward(Context& context, ConstView grad_y, View grad_x, Interpolation kind) {
  if (grad_x.empty()) return;
  with_axes(grad_x, grad_y, kind, [&](const auto& rows, const auto& columns) {
    apply_taps_backward("interpolate", context, grad_y, grad_x, rows, columns);
  });
}

const Implementation forward_here{interpolate_forward, Device::CUUNET_TARGET, forward};
const Implementation backward_here{interpolate_backward, Device::CUUNET_TARGET, backward};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
