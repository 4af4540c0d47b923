// RGB <-> YUV in OpenCV's convention: luma and two differences of colour, centred at 128 (8-bit) or 0.5 (double).
// Pictures are [H, W, 3], pixels interleaved; in and out have one size and may be the same memory.
//
// 8-bit, `>>` arithmetic, clamp to 0 … 255 (cv2.COLOR_RGB2YUV, cv2.COLOR_YUV2RGB, all 2^24 colours):
//   Y = (4899 R + 9617 G + 1868 B + 8192) >> 14
//   U = clamp(((B - Y)·8061 + (128 << 14) + 8192) >> 14),  V = clamp(((R - Y)·14369 + (128 << 14) + 8192) >> 14)
//   R = clamp(Y + ((18678 v + 8192) >> 14)),  G = clamp(Y + ((-6472 u - 9519 v + 8192) >> 14)),
//   B = clamp(Y + ((33292 u + 8192) >> 14)),  u = U - 128, v = V - 128
// double:
//   Y = 0.299 R + 0.587 G + 0.114 B,  U = 0.492 (B - Y) + 0.5,  V = 0.877 (R - Y) + 0.5
//   R = Y + 1.14 v,  G = Y - 0.395 u - 0.581 v,  B = Y + 2.032 u: not the exact inverse (off by up to 2.3e-4), no clamp
//
// Unequal sizes, or sizes that are no multiple of 3, throw ShapeError.
#pragma once

#include <cstdint>
#include <span>

namespace cuunet {

void rgb_to_yuv(std::span<const uint8_t> rgb, std::span<uint8_t> yuv);
void rgb_to_yuv(std::span<const double> rgb, std::span<double> yuv);
void yuv_to_rgb(std::span<const uint8_t> yuv, std::span<uint8_t> rgb);
void yuv_to_rgb(std::span<const double> yuv, std::span<double> rgb);

// DeOldify's last step: the luma of `original`, the chroma of `colour`, both conversions rounded to 8 bits.
// Where a colour leaves the cube it is clipped channel by channel, so the luma of such a pixel changes.
void chroma_merge(std::span<const uint8_t> original, std::span<const uint8_t> colour, std::span<uint8_t> rgb);

}  // namespace cuunet
