#include "tools/colorizing/deoldify_pipeline.h"

#include "kernels/device/error.h"
#include "kernels/image/pillow_bilinear.h"
#include "kernels/image/yuv.h"
#include "tools/colorizing/colorizer.h"
#include "tools/report/luminance.h"

#include <algorithm>
#include <cmath>

namespace cuunet {
namespace {

Image resized(const Image& image, int64_t height, int64_t width) {
  Image result(width, height);
  pillow_bilinear(image.rgb, {image.height, image.width}, result.rgb, {height, width});
  return result;
}

Tensor normalised(Context& context, const Image& square) {
  auto plane = static_cast<size_t>(square.height * square.width);
  std::vector<float> values(3 * plane);
  for (size_t i = 0; i < values.size(); ++i) {
    size_t c = i / plane;
    float level = static_cast<float>(square.rgb[i % plane * 3 + c]) / 255.0f;
    values[i] = (level - imagenet_mean[c]) / imagenet_deviation[c];
  }
  return Tensor::from_host(context, Shape{1, 3, square.height, square.width}, DType::f32, values);
}

Image bytes_of(const std::vector<float>& planes, int64_t side) {
  Image image(side, side);
  size_t plane = planes.size() / 3;
  for (size_t i = 0; i < planes.size(); ++i) {
    if (!std::isfinite(planes[i]))
      throw Error("the network gave a value that is not finite for {} x {} pixels", side, side);
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
  stages.input = normalised(context, stages.grey);
  stages.output = network(stages.input);
  stages.denormalised = stages.output.to_host_f32();
  auto plane = static_cast<size_t>(side * side);
  for (size_t i = 0; i < stages.denormalised.size(); ++i) {
    float& value = stages.denormalised[i];
    value = value * imagenet_deviation[i / plane] + imagenet_mean[i / plane];
  }
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
