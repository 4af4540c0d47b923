// Reading an image between its pixels. Pixels<T> is [H, W, 3] in [0, 1]; T is float or double.
#pragma once

#include "engine/io/image.h"

#include <cstdint>
#include <vector>

namespace cuunet {

template <class T>
struct Pixels {
  int64_t height = 0, width = 0;
  std::vector<T> values;  // [H, W, 3]

  Pixels() = default;
  Pixels(int64_t height_, int64_t width_)
      : height(height_), width(width_), values(static_cast<size_t>(height_ * width_ * 3)) {}
  T* pixel(int64_t y, int64_t x) { return values.data() + (y * width + x) * 3; }
  const T* pixel(int64_t y, int64_t x) const { return values.data() + (y * width + x) * 3; }
};

// Where each output pixel is read: x and y in [-1, 1], the centres of the first and last pixel (align_corners).
template <class T>
struct Grid {
  int64_t height = 0, width = 0;
  std::vector<T> xy;  // [H, W, 2]
};

// What lies beyond the edge: mirrored about the centres of the edge's pixels, the edge repeated, or zeros.
enum class Beyond { reflection, border, zeros };

template <class T>
Pixels<T> to_pixels(const Image& image);  // byte / 255

// Means over boxes: output row i covers input rows floor(i·H/h) … ceil((i+1)·H/h) - 1, columns alike.
// torch.nn.functional.interpolate(mode="area"). Shrinking a byte image gives the same as shrinking its to_pixels.
template <class T>
Pixels<T> area_shrink(const Pixels<T>& image, int64_t height, int64_t width);
template <class T>
Pixels<T> area_shrink(const Image& image, int64_t height, int64_t width);

// Bilinear: torch.nn.functional.grid_sample(mode="bilinear", align_corners=True).
template <class T>
Pixels<T> grid_sample(const Pixels<T>& image, const Grid<T>& grid, Beyond beyond);

}  // namespace cuunet
