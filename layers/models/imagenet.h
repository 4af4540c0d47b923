// What networks trained on ImageNet's pictures take: (x - mean) / deviation of R, G and B in 0 … 1.
#pragma once

namespace cuunet {

inline constexpr float imagenet_mean[3] = {0.485f, 0.456f, 0.406f};
inline constexpr float imagenet_deviation[3] = {0.229f, 0.224f, 0.225f};

}  // namespace cuunet
