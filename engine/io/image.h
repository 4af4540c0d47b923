// A picture in memory: 8-bit sRGB, [H, W, 3], upright.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cuunet {

struct Image {
  int64_t width = 0, height = 0;
  std::vector<uint8_t> rgb;  // [H, W, 3]

  Image() = default;
  Image(int64_t width_, int64_t height_)
      : width(width_), height(height_), rgb(static_cast<size_t>(width_ * height_ * 3)) {}

  bool empty() const { return rgb.empty(); }
  uint8_t* pixel(int64_t y, int64_t x) { return rgb.data() + (y * width + x) * 3; }
  const uint8_t* pixel(int64_t y, int64_t x) const { return rgb.data() + (y * width + x) * 3; }
};

}  // namespace cuunet
