#include "tools/data/grey_pair.h"

#include <algorithm>

namespace cuunet {

void write_grey_pair(const Pixels<float>& image, float* input, float* target) {
  for (size_t i = 0; i < image.values.size(); i += 3, input += image_pixel_stride, target += image_pixel_stride) {
    const float* rgb = image.values.data() + i;
    float grey = 0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2];
    for (int c = 0; c < 3; ++c) {
      input[c] = (grey - imagenet_mean[c]) / imagenet_deviation[c];
      target[c] = (rgb[c] - imagenet_mean[c]) / imagenet_deviation[c];
    }
    std::fill(input + 3, input + image_pixel_stride, 0.0f);
    std::fill(target + 3, target + image_pixel_stride, 0.0f);
  }
}

}  // namespace cuunet
