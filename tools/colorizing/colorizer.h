// Colour for a photograph: grey → network → chroma, joined with the photograph's own luminance.
//
// The network sees the photograph at the size it was trained at (the short side; --size changes it); only the chroma is
// taken from there and enlarged, so a picture of any size keeps its sharpness and needs little memory.
// DeOldify's generators go DeOldify's own way: deoldify_pipeline.h, at a square of 16 · --render-factor pixels.
#pragma once

#include "engine/device/arena.h"
#include "engine/io/image.h"
#include "engine/io/resample.h"
#include "weights/mapping/unet_file.h"

#include <filesystem>

namespace cuunet {

struct ColorizerOptions {
  int64_t size = 0;           // short side the network works at, pixels; 0: as the model was trained, or 256
  int64_t render_factor = 0;  // of DeOldify's generators, instead of a size; 0: 35
  bool raw = false;           // the network's own picture, luminance included
  DType features = DType::f32;
  Fit fit = Fit::strict;
};

// Memory for each pixel of a photograph, at its highest: the photograph, its grey in floats, or the photograph, the
// prediction and their merge; then the photograph, the result and a PNG of it on its way to the disk (stb: the filtered
// rows, the packed ones in a buffer that doubles, and their copy).
inline constexpr int64_t colorizing_bytes_per_pixel = 18;

class Colorizer {
 public:
  // FileError: what load_unet says, and weights that make feature maps overflow. UsageError: a size for one of
  // DeOldify's generators, a render factor for another network.
  Colorizer(Context& context, const std::filesystem::path& model, const ColorizerOptions& options);

  // Any picture of at least one pixel; what colour it has is not looked at. Throws when the network's output is not
  // finite, and when memory is short, with a size that should fit: never a silent grey.
  Image operator()(const Image& photograph);

  int64_t size() const { return size_; }
  bool deoldify() const { return model_.description.options.decoder != Decoder::fastai; }
  const std::vector<std::string>& notes() const { return model_.notes; }  // what was assumed of the model or left out

 private:
  void choose_size(const std::filesystem::path& model);
  void require_finite_features(const std::filesystem::path& model);
  Tensor forward(const Tensor& input);
  Raster predict(const Raster& grey);
  Image colour_by_deoldify(const Image& photograph);
  Error too_large(int64_t height, int64_t width, const OutOfMemory& error) const;

  Context& context_;
  LoadedUnet model_;
  ColorizerOptions options_;
  int64_t size_;
  double bytes_per_pixel_ = 0;  // that the network takes beside its weights
};

}  // namespace cuunet
