#include "kernels/image/grey.h"

#include "kernels/device/error.h"

namespace cuunet {

namespace {

void check_sizes(size_t rgb, size_t grey) {
  if (rgb != 3 * grey) throw ShapeError("rgb_to_grey: expected 3 values per grey value, got {} for {}", rgb, grey);
}

}  // namespace

void rgb_to_grey(std::span<const uint8_t> rgb, std::span<uint8_t> grey, GreyFormula formula) {
  check_sizes(rgb.size(), grey.size());
  for (size_t i = 0; i < grey.size(); ++i) {
    uint32_t r = rgb[3 * i], g = rgb[3 * i + 1], b = rgb[3 * i + 2];
    uint32_t value = formula == GreyFormula::pil ? (19595 * r + 38470 * g + 7471 * b + 32768) >> 16
                                                 : (9798 * r + 19235 * g + 3735 * b + 16384) >> 15;
    grey[i] = static_cast<uint8_t>(value);
  }
}

void rgb_to_grey(std::span<const double> rgb, std::span<double> grey) {
  check_sizes(rgb.size(), grey.size());
  for (size_t i = 0; i < grey.size(); ++i) {
    grey[i] = 0.299 * rgb[3 * i] + 0.587 * rgb[3 * i + 1] + 0.114 * rgb[3 * i + 2];
  }
}

}  // namespace cuunet
