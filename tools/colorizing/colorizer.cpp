#include "tools/colorizing/colorizer.h"

#include "kernels/device/context.h"
#include "tools/colorizing/deoldify_pipeline.h"
#include "tools/colorizing/normalisation.h"
#include "tools/report/luminance.h"
#include "tools/training/batch_planner.h"
#include "tools/training/finiteness.h"

#include <algorithm>
#include <cmath>

namespace cuunet {
namespace {

// Rec. 601.
Raster luminance_of(const Image& image) {
  Raster grey(image.height, image.width, 1);
  for (size_t i = 0; i < grey.values.size(); ++i) {
    const uint8_t* rgb = &image.rgb[3 * i];
    auto level = [&](int c) { return static_cast<float>(rgb[c]) / 255.0f; };
    grey.values[i] = 0.299f * level(0) + 0.587f * level(1) + 0.114f * level(2);
  }
  return grey;
}

// The size the network works at: the short side as asked, never above the photograph's own, at least 32, sides even.
std::pair<int64_t, int64_t> network_size(const Image& photograph, int64_t short_side) {
  auto shortest = static_cast<double>(std::min(photograph.height, photograph.width));
  double scale = std::min(1.0, static_cast<double>(short_side) / shortest);
  auto side = [scale](int64_t length) {
    return std::max<int64_t>(32, 2 * std::llround(static_cast<double>(length) * scale / 2));
  };
  return {side(photograph.height), side(photograph.width)};
}

// Row by row: a large picture's levels are never in memory as floats.
Image enlarged(const Raster& rgb, int64_t height, int64_t width) {
  Image image(width, height);
  resample_rows(rgb, height, width, [&](int64_t y, const float* row) {
    uint8_t* levels = image.pixel(y, 0);
    for (int64_t i = 0; i < 3 * width; ++i) {
      levels[i] = static_cast<uint8_t>(std::lround(255 * std::clamp(row[i], 0.0f, 1.0f)));
    }
  });
  return image;
}

}  // namespace

Colorizer::Colorizer(Context& context, const std::filesystem::path& model, const ColorizerOptions& options)
    : context_(context), model_(load_unet({context}, model, options.fit)), options_(options), size_(options.size) {
  choose_size(model);
  if (model_.description.options.classes != 3) {
    throw FileError("{}: a colouriser has 3 output channels, this network has {}", model.string(),
                    model_.description.options.classes);
  }
  require_finite_features(model);
}

void Colorizer::choose_size(const std::filesystem::path& model) {
  if (deoldify()) {
    if (size_ != 0) throw UsageError("{}: is DeOldify's; its size is --render-factor N: 16 N pixels", model.string());
    int64_t factor = options_.render_factor == 0 ? deoldify_render_factor : options_.render_factor;
    size_ = factor * deoldify_render_base;
    return;
  }
  if (options_.render_factor != 0) {
    throw UsageError("{}: is not one of DeOldify's generators; its size is --size N, pixels of the short side",
                     model.string());
  }
  if (size_ == 0) size_ = model_.description.trained_size;
  if (size_ == 0) size_ = 256;
}

// Weights may be finite and yet so large that feature maps overflow. A ReLU fused into its convolution turns the NaN
// that follows into 0, so that the last output does not show it: every layer's is looked at, once.
void Colorizer::require_finite_features(const std::filesystem::path& model) {
  constexpr int64_t side = 64;
  Raster ramp(side, side, 1);
  for (int64_t i = 0; i < side * side; ++i) {
    ramp.values[static_cast<size_t>(i)] = static_cast<float>(i % side) / static_cast<float>(side);
  }
  std::string overflow;
  ForwardObserver observer([&](const Module& module, const Var& output) {
    if (overflow.empty() && not_finite(output.value()) > 0) overflow = module.path();
  });
  forward(normalised(context_, ramp, model_.description.options.in_channels));
  MemoryUse memory = context_.memory();
  // Twice what the maps take: the arena's chunks are not filled to the brim.
  bytes_per_pixel_ = 2 * static_cast<double>(memory.peak - memory.in_use) / (side * side);
  if (overflow.empty()) return;
  throw FileError(
      "{}: the output of {} is not finite for a simple picture; the weights are damaged or too large, take "
      "an earlier file",
      model.string(), overflow);
}

Tensor Colorizer::forward(const Tensor& input) {
  NoGrad no_grad;
  return (*model_.network)(Var(input.to(options_.features))).value();
}

// The short side at which the feature maps should fit, in steps of 32 pixels; DeOldify's in steps of 16.
Error Colorizer::too_large(int64_t height, int64_t width, const OutOfMemory& error) const {
  double pixels = static_cast<double>(height * width), available = available_memory(context_);
  double scale = std::sqrt(available / (pixels * bytes_per_pixel_));
  auto fits = static_cast<int64_t>(static_cast<double>(std::min(height, width)) * std::min(1.0, scale));
  constexpr double gib = 1 << 30;
  std::string remedy = deoldify()
                           ? fmt::format("--render-factor {}", std::max<int64_t>(2, (fits - 1) / deoldify_render_base))
                           : fmt::format("--size {}", std::max<int64_t>(32, (fits - 1) / 32 * 32));
  return Error("{} x {} pixels need up to {:.1f} GiB, {:.1f} GiB may be used ({}); take {}", width, height,
               pixels * bytes_per_pixel_ / gib, available / gib, error.what(), remedy);
}

Raster Colorizer::predict(const Raster& grey) {
  std::vector<float> planes;
  try {
    planes = denormalised(forward(normalised(context_, grey, model_.description.options.in_channels)));
  } catch (const OutOfMemory& error) {
    throw too_large(grey.height, grey.width, error);
  }
  auto plane = static_cast<size_t>(grey.height * grey.width);
  Raster rgb(grey.height, grey.width, 3);
  for (size_t i = 0; i < planes.size(); ++i) rgb.values[i % plane * 3 + i / plane] = planes[i];
  return rgb;
}

Image Colorizer::colour_by_deoldify(const Image& photograph) {
  try {
    return run_deoldify(context_, photograph, size_, [this](const Tensor& input) { return forward(input); }).colour;
  } catch (const OutOfMemory& error) {
    throw too_large(size_, size_, error);
  }
}

Image Colorizer::operator()(const Image& photograph) {
  if (photograph.empty()) throw Error("a picture without pixels cannot be coloured");
  if (deoldify()) {
    Image colour = colour_by_deoldify(photograph);
    return options_.raw ? colour : deoldify_merge(photograph, colour);
  }
  auto [height, width] = network_size(photograph, size_);
  Raster predicted = predict(resample(luminance_of(photograph), height, width));
  Image prediction = enlarged(predicted, photograph.height, photograph.width);
  return options_.raw ? prediction : merge_luminance(photograph, prediction);
}

}  // namespace cuunet
