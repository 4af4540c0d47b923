// Changes the size of a picture: triangle filter, widened when shrinking (Pillow's Image.resize with BILINEAR, in
// double precision and without rounding between the two passes).
//   y[i] = Σ_j w(i, j)·x[j],  w(i, j) ∝ max(0, 1 - |(j + ½) - (i + ½)·s| / max(s, 1)),  s = in / out
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace cuunet {

// Interleaved values [H, W, channels].
struct Raster {
  int64_t height = 0, width = 0, channels = 0;
  std::vector<float> values;

  Raster() = default;
  Raster(int64_t height_, int64_t width_, int64_t channels_)
      : height(height_),
        width(width_),
        channels(channels_),
        values(static_cast<size_t>(height_ * width_ * channels_)) {}
  float* pixel(int64_t y, int64_t x) { return values.data() + (y * width + x) * channels; }
  const float* pixel(int64_t y, int64_t x) const { return values.data() + (y * width + x) * channels; }
};

Raster resample(const Raster& source, int64_t height, int64_t width);

// The same numbers row by row from the top, [width, channels] each: memory for the source at the new width and one row.
void resample_rows(const Raster& source, int64_t height, int64_t width,
                   const std::function<void(int64_t y, const float* row)>& give);

}  // namespace cuunet
