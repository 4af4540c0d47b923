// Changes the size of an 8-bit RGB picture as Pillow's Image.resize(size, BILINEAR) does, rounding included:
// [h, w, 3] -> [H, W, 3], pixels interleaved.
//
//   s = in / out, S = max(s, 1), c = (x + 1/2) s                                           per output position x
//   first = max(int(c - S + 1/2), 0), last = min(int(c + S + 1/2), in)
//   weight_j = max(0, 1 - |(j - c + 1/2) / S|), normalised over first ... last - 1, rounded to a multiple of 2^-22
//   y[x] = clamp((2^21 + sum_j weight_j x[j]) >> 22, 0, 255)
//
// Along rows and along columns, rounded to bytes in between: rows first, but columns first where the height shrinks and
// the width grows (Pillow 13; older ones always rows first, which differs by at most 1). A pass that keeps its size is
// skipped. Throws ShapeError for sizes that don't fit the spans, or are not positive.
#pragma once

#include <cstdint>
#include <span>

namespace cuunet {

struct PictureSize {
  int64_t height, width;
};

void pillow_bilinear(std::span<const uint8_t> source, PictureSize from, std::span<uint8_t> result, PictureSize to);

}  // namespace cuunet
