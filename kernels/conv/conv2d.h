// 2-D convolution (cross-correlation) with square strides and padding, dilation 1, groups 1.
//
// y[n,k,p,q] = b[k] + Σ_{c,r,s} w[k,c,r,s] · x[n,c, p·stride+r-pad, q·stride+s-pad]
// PyTorch: torch.nn.Conv2d(C, K, (R, S), stride, padding, padding_mode=mode)
//
// x: [N, C, H, W] f32, bf16 or f64, y: [N, K, P, Q] of the same type, w: [K, C, R, S] and b: [K] f32 (f64 with f64),
// P = (H + 2·pad - R) / stride + 1. An empty bias counts as zero. x and the gradients may be channel slices.
// Modes reflect and replicate pad first; in the gradient the padded cells add to the cells they copy.
// On the cpu, conv2d_backward_input also writes f32 from a bf16 grad_y.
// Gradients overwrite; an empty grad_bias or grad_w is not computed. Sums are in f32 (f64 with f64), in a fixed order.
#pragma once

#include "kernels/device/operator.h"
#include "kernels/device/padding.h"

#include <memory>
#include <optional>
#include <string>

namespace cuunet {

// Weights in the form one implementation wants.
struct KeptWeights {
  virtual ~KeptWeights() = default;
};

// Where a convolution may keep its weights in the form its device wants, from one call to the next. Its owner empties
// it whenever the weights change, and before their Context goes.
struct WeightsCache {
  std::shared_ptr<KeptWeights> packed;
};

struct Conv2dParams {
  int stride = 1, padding = 0;
  PaddingMode padding_mode = PaddingMode::zeros;
  bool relu = false;              // y = max(y, 0) in the same pass: forward only, the gradients ignore it
  WeightsCache* cache = nullptr;  // forward only; a device without need of it ignores it
  bool winograd = false;          // forward only: f32 on the cpu may go by conv2d_winograd.h, whose rounding differs

  bool operator==(const Conv2dParams&) const = default;
};

enum class Conv2dPass { forward, backward_input, backward_weight };

// [N, K, P, Q] of x and w; throws a ShapeError where they don't fit each other or the padding.
Shape conv2d_output_shape(const Shape& x, const Shape& w, const Conv2dParams&);

inline constinit Operator<void(Context&, ConstView x, ConstView w, ConstView bias, View y, const Conv2dParams&)>
    conv2d_forward{"conv2d_forward"};
inline constinit Operator<void(Context&, ConstView grad_y, ConstView w, View grad_x, const Conv2dParams&)>
    conv2d_backward_input{"conv2d_backward_input"};
inline constinit Operator<void(Context&, ConstView x, ConstView grad_y, View grad_w, View grad_bias,
                               const Conv2dParams&)>
    conv2d_backward_weight{"conv2d_backward_weight"};

// Throws a ShapeError unless y is what a convolution of x by w gives and the bias, if any, has K elements. Every
// device's implementation begins with it.
void require_conv2d_shapes(const Shape& x, const Shape& w, ConstView bias, const Shape& y, const Conv2dParams&);

// The forward convolution of grad_y by the rotated weights (taps in reverse, channels swapped) that gives grad_x, where
// there is one: with stride 1, square kernels and zeros around the image.
std::optional<Conv2dParams> rotated_conv2d(const Shape& w, const Conv2dParams&);

// What the cpu convolves f32 and bf16 with beside its own tiles: "oneDNN 2.6.0", "plain loops".
std::string cpu_convolutions();

}  // namespace cuunet
