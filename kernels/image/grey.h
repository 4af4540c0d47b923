// Grey of an RGB picture by Rec. 601, [H, W, 3] -> [H, W]; pixels interleaved, rgb.size() = 3 · grey.size().
//
//   pil     (19595 R + 38470 G + 7471 B + 32768) >> 16      Pillow's convert("L"): what DeOldify feeds its network
//   opencv  ( 9798 R + 19235 G + 3735 B + 16384) >> 15      cv2.COLOR_RGB2GRAY
//   double  0.299 R + 0.587 G + 0.114 B
//
// The two 8-bit formulas differ by 1 in 21,745 of the 2^24 colours, and neither is the Y of rgb_to_yuv.
// Other sizes throw ShapeError.
#pragma once

#include <cstdint>
#include <span>

namespace cuunet {

enum class GreyFormula { pil, opencv };

void rgb_to_grey(std::span<const uint8_t> rgb, std::span<uint8_t> grey, GreyFormula formula);
void rgb_to_grey(std::span<const double> rgb, std::span<double> grey);

}  // namespace cuunet
