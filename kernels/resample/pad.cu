// A separable map of one tap per axis (kernels/resample/taps.cuh): each cell copies the one that its mode names; the
// gradient adds up the cells that copied.
// Per element: 8 bytes (bf16: 4); one multiplication and addition. Bound: memory bandwidth.
#include "kernels/resample/pad.h"

#include "kernels/resample/taps.cuh"

namespace cuunet::CUUNET_TARGET {
namespace {

struct Axis {
  int sources, outputs, before;
  PaddingMode mode;

  __device__ __forceinline__ int taps() const { return 1; }
  __device__ __forceinline__ Tap tap(int output, int) const {
    int source = padded_index(output - before, sources, mode);
    return {source, source >= 0 ? 1.0f : 0.0f};
  }
  // Mirrored in the first or the last source, or copied from it.
  __device__ __forceinline__ int first_reader(int source) const {
    if (mode == PaddingMode::replicate && source == 0) return 0;
    return mode == PaddingMode::reflect && source >= 1 && source <= before ? before - source : before + source;
  }
  __device__ __forceinline__ int last_reader(int source) const {
    int last = sources - 1, after = outputs - before - sources;
    if (mode == PaddingMode::replicate && source == last) return outputs - 1;
    bool mirrored = mode == PaddingMode::reflect && source < last && last - source <= after;
    return before + (mirrored ? 2 * last - source : source);
  }
  __device__ __forceinline__ float weight(int output, int source) const {
    return tap(output, 0).source == source ? 1.0f : 0.0f;
  }
};

Axis axis_of(int64_t in, int64_t out, int64_t before, PaddingMode mode) {
  return {static_cast<int>(in), static_cast<int>(out), static_cast<int>(before), mode};
}

void forward(Context& context, ConstView x, View y, const PadParams& p) {
  Shape expected = pad_shape(x.shape, p);
  apply_taps("pad", context, x, y, axis_of(x.h(), expected[2], p.top, p.mode),
             axis_of(x.w(), expected[3], p.left, p.mode));
}

void backward(Context& context, ConstView grad_y, View grad_x, const PadParams& p) {
  if (grad_x.empty()) return;
  Shape expected = pad_shape(grad_x.shape, p);
  apply_taps_backward("pad", context, grad_y, grad_x, axis_of(grad_x.h(), expected[2], p.top, p.mode),
                      axis_of(grad_x.w(), expected[3], p.left, p.mode));
}

const Implementation forward_here{pad_forward, Device::CUUNET_TARGET, forward};
const Implementation backward_here{pad_backward, Device::CUUNET_TARGET, backward};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
