#include "tools/data/picture_transform.h"

#include "kernels/device/error.h"
#include "tools/data/grey_pair.h"

#include <algorithm>

namespace cuunet {

PictureTransform picture_transform(const Composition& composition, ConstView photo) {
  PictureTransform p{.photo = photo,
                     .grid_height = composition.height,
                     .grid_width = composition.width,
                     .top = composition.top,
                     .left = composition.left,
                     .sampled = composition.sampled,
                     .flipped = composition.flipped,
                     .lit = composition.lit,
                     .affine = composition.affine.m,
                     .light_shift = composition.light_shift,
                     .light_scale = composition.light_scale};
  if (composition.warps.size() > p.warp.size()) {
    throw Error("a picture is warped at most {} times, got {}", p.warp.size(), composition.warps.size());
  }
  p.warps = static_cast<int>(composition.warps.size());
  std::copy(composition.warps.begin(), composition.warps.end(), p.warp.begin());
  return p;
}

Normalisation imagenet_normalisation() { return {std::to_array(imagenet_mean), std::to_array(imagenet_deviation)}; }

}  // namespace cuunet
