// What a colouriser learns from: a photograph and its grey, normalised as ImageNet's are.
//   target[y, x, c] = (rgb[c] - mean[c]) / std[c]
//   input [y, x, c] = (grey - mean[c]) / std[c],   grey = 0.299 R + 0.587 G + 0.114 B (Rec. 601)
// Memory is that of a feature map: [H, W, 8], the lanes behind the three channels zero.
#pragma once

#include "layers/models/imagenet.h"
#include "tools/data/sampling.h"

#include <cstdint>

namespace cuunet {

inline constexpr int64_t image_pixel_stride = 8;  // three channels, rounded up

void write_grey_pair(const Pixels<float>& image, float* input, float* target);

}  // namespace cuunet
