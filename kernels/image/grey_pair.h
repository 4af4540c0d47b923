// A batch of training pairs from photographs kept as bytes: each picture is sampled through its composed transforms,
// lit, cropped, and normalised in colour and in grey, in one pass.           input, target: [N, 3, S, S], f32, bf16,
// f64
//
// Pixel (y, x) of the result is cell (i, j) of the resized picture, its grid: i = top + y, j = left + x, mirrored about
// the centres of the edge's cells where they lie outside; j counts from the right when flipped. Without `sampled` the
// cell is a pixel of the photograph (the sizes must be equal), else
//   u, v      = -1 + 2 j/(grid_width - 1), -1 + 2 i/(grid_height - 1);  -1 in a grid one cell wide or high
//   (u, v)    -> each homography: ((c0 u + c1 v + c2)/d, (c3 u + c4 v + c5)/d), d = c6 u + c7 v + 1
//   (u, v)    -> (m0 u + m1 v + m2, m3 u + m4 v + m5)
//   rgb       = the photograph, bilinear at ((u + 1)/2·(W - 1), (v + 1)/2·(H - 1)), mirrored in the same way
// With `lit`:  rgb = 1/(1 + exp(-scale·(logit(clamp(rgb, 1e-7, 1 - 1e-7)) + shift)))
//   grey      = 0.299 R + 0.587 G + 0.114 B
//   target[c] = (rgb[c] - mean[c])/std[c],  input[c] = (grey - mean[c])/std[c]
// PyTorch: grid_sample(bilinear, padding_mode="reflection", align_corners=True), then fastai v1's lighting and crop.
#pragma once

#include "kernels/device/operator.h"

#include <array>
#include <span>

namespace cuunet {

struct PictureTransform {
  ConstView photo;  // [H, W, 3], bytes, or f32 in 0 … 1 as area_shrink makes it
  int64_t grid_height = 0, grid_width = 0;
  int64_t top = 0, left = 0;
  bool sampled = false, flipped = false, lit = false;
  int warps = 0;
  std::array<std::array<double, 8>, 2> warp{};
  std::array<double, 6> affine{1, 0, 0, 0, 1, 0};
  double light_shift = 0, light_scale = 1;
};

struct Normalisation {
  std::array<float, 3> mean{}, std{1, 1, 1};
};

// A ShapeError unless there is a picture for each of the N pairs, with a grid, and of the grid's size if not sampled.
void require_grey_pairs(std::span<const PictureTransform> pictures, ConstView input, ConstView target);

inline constinit Operator<void(Context&, std::span<const PictureTransform>, View input, View target,
                               const Normalisation&)>
    make_grey_pairs{"make_grey_pairs"};

}  // namespace cuunet
