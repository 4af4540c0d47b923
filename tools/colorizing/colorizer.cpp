#include "tools/colorizing/colorizer.h"

#include "tools/report/luminance.h"

#include <algorithm>
#include <cmath>

namespace cuunet {
namespace {

// Rec. 601.
float luminance(const float* rgb) { return 0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2]; }

Raster raster_of(const Image& image) {
  Raster raster(image.height, image.width, 3);
  for (size_t i = 0; i < raster.values.size(); ++i) raster.values[i] = static_cast<float>(image.rgb[i]) / 255.0f;
  return raster;
}

Raster grey_of(const Raster& rgb) {
  Raster grey(rgb.height, rgb.width, 1);
  for (int64_t i = 0; i < rgb.height * rgb.width; ++i) grey.values[static_cast<size_t>(i)] = luminance(rgb.pixel(0, i));
  return grey;
}

// The size the network works at: the short side as asked, never above the photograph's own, at least 32, sides even.
std::pair<int64_t, int64_t> network_size(const Raster& photograph, int64_t short_side) {
  auto shortest = static_cast<double>(std::min(photograph.height, photograph.width));
  double scale = std::min(1.0, static_cast<double>(short_side) / shortest);
  auto side = [scale](int64_t length) {
    return std::max<int64_t>(32, 2 * std::llround(static_cast<double>(length) * scale / 2));
  };
  return {side(photograph.height), side(photograph.width)};
}

Image image_of(const Raster& rgb) {
  Image image(rgb.width, rgb.height);
  for (size_t i = 0; i < image.rgb.size(); ++i) {
    image.rgb[i] = static_cast<uint8_t>(std::lround(255 * std::clamp(rgb.values[i], 0.0f, 1.0f)));
  }
  return image;
}

}  // namespace

Colorizer::Colorizer(Context& context, const std::filesystem::path& model, const ColorizerOptions& options)
    : context_(context), model_(load_unet({context}, model)), options_(options), size_(options.size) {
  if (size_ == 0) size_ = model_.description.trained_size;
  if (size_ == 0) size_ = 256;
  if (model_.description.options.classes != 3) {
    throw FileError("{}: a colouriser has 3 output channels, this network has {}", model.string(),
                    model_.description.options.classes);
  }
}

Raster Colorizer::predict(const Raster& grey) {
  int64_t channels = model_.description.options.in_channels;
  Shape shape{1, channels, grey.height, grey.width};
  auto plane = static_cast<size_t>(grey.height * grey.width);
  std::vector<float> input(plane * static_cast<size_t>(channels));
  for (size_t i = 0; i < input.size(); ++i) {
    size_t c = i / plane;
    input[i] = (grey.values[i % plane] - imagenet_mean[c]) / imagenet_deviation[c];
  }
  NoGrad no_grad;
  Var x(Tensor::from_host(context_, shape, DType::f32, input).to(options_.features));
  std::vector<float> output = (*model_.network)(x).value().to_host_f32();
  Raster rgb(grey.height, grey.width, 3);
  for (size_t i = 0; i < output.size(); ++i) {
    if (!std::isfinite(output[i]))
      throw Error("the network gave a value that is not finite for a picture {}", shape.text());
    size_t c = i / plane;
    rgb.values[i % plane * 3 + c] = output[i] * imagenet_deviation[c] + imagenet_mean[c];
  }
  return rgb;
}

Image Colorizer::operator()(const Image& photograph) {
  if (photograph.empty()) throw Error("a picture without pixels cannot be coloured");
  Raster grey = grey_of(raster_of(photograph));
  auto [height, width] = network_size(grey, size_);
  Raster predicted = predict(resample(grey, height, width));
  Image enlarged = image_of(resample(predicted, photograph.height, photograph.width));
  return options_.raw ? enlarged : merge_luminance(photograph, enlarged);
}

}  // namespace cuunet
