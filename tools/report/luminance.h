// Pictures apart into luminance and colour, and together again. Luminance is Rec. 601's Y = 0.299 R + 0.587 G + 0.114 B
// of the sRGB values, as in kernels/image/yuv.h.
#pragma once

#include "engine/io/image.h"

namespace cuunet {

// The picture without its colour, as a network is given it: Pillow's 8-bit grey in all three channels.
Image grey_of(const Image& picture);

// The luminance of `original` with the colour of `prediction`:
//   rgb = Y(original) + s · (prediction - Y(prediction))
// which is the merge of Y with U and V in OpenCV's YUV (chroma_merge) in exact arithmetic. s is 1 where the colour fits
// into 0 … 255; elsewhere it is the largest factor that makes it fit, so that a bright or dark pixel pales instead of
// changing its hue and luminance as channels clipped one by one would. Rounding moves Y by at most half a step.
// Pictures of unequal size throw ShapeError.
Image merge_luminance(const Image& original, const Image& prediction);

}  // namespace cuunet
