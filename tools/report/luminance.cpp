#include "tools/report/luminance.h"

#include "kernels/device/error.h"
#include "kernels/image/grey.h"

#include <algorithm>
#include <cmath>

namespace cuunet {

namespace {

double luma(const uint8_t* rgb) { return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]; }

// The largest s in 0 … 1 that keeps y + s · chroma in 0 … 255.
double fitting_scale(double y, const double chroma[3]) {
  double scale = 1;
  for (int c = 0; c < 3; ++c) {
    double room = chroma[c] > 0 ? 255 - y : y;
    if (std::abs(chroma[c]) > room) scale = std::min(scale, room / std::abs(chroma[c]));
  }
  return scale;
}

}  // namespace

Image grey_of(const Image& picture) {
  std::vector<uint8_t> grey(picture.rgb.size() / 3);
  rgb_to_grey(picture.rgb, grey, GreyFormula::pil);
  Image result(picture.width, picture.height);
  for (size_t i = 0; i < grey.size(); ++i) std::fill_n(&result.rgb[3 * i], 3, grey[i]);
  return result;
}

Image merge_luminance(const Image& original, const Image& prediction) {
  if (original.width != prediction.width || original.height != prediction.height) {
    throw ShapeError("merge_luminance: expected pictures of one size, got {} x {} and {} x {}", original.width,
                     original.height, prediction.width, prediction.height);
  }
  Image merged(original.width, original.height);
  for (size_t i = 0; i < merged.rgb.size(); i += 3) {
    double y = luma(&original.rgb[i]), own = luma(&prediction.rgb[i]);
    double chroma[3] = {prediction.rgb[i] - own, prediction.rgb[i + 1] - own, prediction.rgb[i + 2] - own};
    double scale = fitting_scale(y, chroma);
    for (size_t c = 0; c < 3; ++c) {
      merged.rgb[i + c] = static_cast<uint8_t>(std::clamp(y + scale * chroma[c] + 0.5, 0.0, 255.0));
    }
  }
  return merged;
}

}  // namespace cuunet
