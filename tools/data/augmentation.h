// Random draws of transforms: fastai v1's get_transforms, one list per image, drawn anew each time it is shown.
//
//   crop at a random place · flip p 1/2 · symmetric warp, four magnitudes in ±max_warp · rotate ±max_rotate degrees ·
//   zoom 1 … max_zoom at a random point · brightness (1 ∓ max_lighting)/2 · contrast log-uniform in
//   1 - max_lighting … 1/(1 - max_lighting); the warp, rotate, zoom each with p_affine, the last two with p_lighting.
//
// Settings come checked: max_rotate 0 … 180, max_zoom from 1, max_warp to 0.5, max_lighting below 1.
// All numbers are drawn whether used or not, so that one setting does not change the draws of another.
#pragma once

#include "kernels/device/philox.h"
#include "tools/data/transform.h"

#include <vector>

namespace cuunet {

struct AugmentationSettings {
  double flip_p = 0.5;
  double max_rotate = 10, max_zoom = 1.1, max_warp = 0.2, p_affine = 0.75;
  double max_lighting = 0.2, p_lighting = 0.75;
};

std::vector<Operation> draw_augmentation(const AugmentationSettings& settings, RandomStream& random);

// What validation images get: the centre crop.
std::vector<Operation> no_augmentation();

}  // namespace cuunet
