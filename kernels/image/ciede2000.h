// The CIEDE2000 difference of two colours, kL = kC = kH = 1: about 1 is just visible, 100 is black to white.
// Sharma, Wu and Dalal, "The CIEDE2000 Color-Difference Formula: Implementation Notes, Supplementary Test Data, and
// Mathematical Observations" (Color Research and Application 30, 2005), with its rules where the hue wraps.
// The numbers of skimage.color.deltaE_ciede2000.
#pragma once

#include "kernels/image/lab.h"

#include <cstdint>
#include <span>

namespace cuunet {

double ciede2000(const Lab& first, const Lab& second);

// The mean over the pixels of two RGB pictures [H, W, 3], double in 0 … 1 or 8-bit. Unequal or empty: ShapeError.
double mean_ciede2000(std::span<const double> first, std::span<const double> second);
double mean_ciede2000(std::span<const uint8_t> first, std::span<const uint8_t> second);

}  // namespace cuunet
