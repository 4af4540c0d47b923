#include "tools/colorizing/deoldify_pipeline.h"

#include "kernels/image/pillow_bilinear.h"
#include "kernels/image/yuv.h"
#include "tools/colorizing/normalisation.h"
#include "tools/report/luminance.h"

#include <algorithm>

namespace cuunet {
namespace {

Image resized(const Image& image, int64_t height, int64_t width) {
  Image result(width, height);
  pillow_bilinear(image.rgb, {image.height, image.width}, result.rgb, {height, width});
  return result;
}

Raster levels_of(const Image& grey) {
  Raster levels(grey.height, grey.width, 1);
  for (size_t i = 0; i < levels.values.size(); ++i) levels.values[i] = static_cast<float>(grey.rgb[3 * i]) / 255.0f;
  return levels;
}

Image bytes_of(const std::vector<float>& planes, int64_t side) {
  Image image(side, side);
  size_t plane = planes.size() / 3;
  for (size_t i = 0; i < planes.size(); ++i) {
    image.rgb[i % plane * 3 + i / plane] = static_cast<uint8_t>(std::clamp(planes[i], 0.0f, 1.0f) * 255.0f);
  }
  return image;
}

}  // namespace

DeOldifyStages run_deoldify(Context& context, const Image& photograph, int64_t side,
                            const std::function<Tensor(const Tensor&)>& network) {
  DeOldifyStages stages;
  stages.stretched = resized(photograph, side, side);
  stages.grey = grey_of(stages.stretched);
  stages.input = normalised(context, levels_of(stages.grey), 3);
  stages.output = network(stages.input);
  stages.denormalised = denormalised(stages.output);
  stages.square = bytes_of(stages.denormalised, side);
  stages.colour = resized(stages.square, photograph.height, photograph.width);
  return stages;
}

Image deoldify_merge(const Image& photograph, const Image& colour) {
  Image result(photograph.width, photograph.height);
  chroma_merge(photograph.rgb, colour.rgb, result.rgb);
  return result;
}

}  // namespace cuunet
