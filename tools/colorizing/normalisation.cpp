#include "tools/colorizing/normalisation.h"

#include "kernels/device/error.h"
#include "layers/models/imagenet.h"

#include <cmath>

namespace cuunet {

Tensor normalised(Context& context, const Raster& grey, int64_t channels) {
  auto plane = static_cast<size_t>(grey.height * grey.width);
  std::vector<float> input(plane * static_cast<size_t>(channels));
  for (size_t i = 0; i < input.size(); ++i) {
    size_t c = i / plane;
    input[i] = (grey.values[i % plane] - imagenet_mean[c]) / imagenet_deviation[c];
  }
  return Tensor::from_host(context, Shape{1, channels, grey.height, grey.width}, DType::f32, input);
}

std::vector<float> denormalised(const Tensor& output) {
  int64_t height = output.shape()[2], width = output.shape()[3];
  auto plane = static_cast<size_t>(height * width);
  std::vector<float> values = output.to_host_f32();
  for (size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i]))
      throw Error("the network gave a value that is not finite for {} x {} pixels", width, height);
    values[i] = values[i] * imagenet_deviation[i / plane] + imagenet_mean[i / plane];
  }
  return values;
}

}  // namespace cuunet
