#include "tools/data/scenes/canvas.h"

namespace cuunet::scenes {

Image Canvas::image() const {
  Image image(size_, size_);
  auto to_byte = [](double value) { return static_cast<uint8_t>(std::clamp(value, 0.0, 1.0) * 255 + 0.5); };
  for (size_t i = 0; i < pixels_.size(); ++i) {
    image.rgb[3 * i] = to_byte(pixels_[i].r);
    image.rgb[3 * i + 1] = to_byte(pixels_[i].g);
    image.rgb[3 * i + 2] = to_byte(pixels_[i].b);
  }
  return image;
}

}  // namespace cuunet::scenes
