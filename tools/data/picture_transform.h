// fastai's transforms for photographs that stay on the device as bytes: kernels/image/grey_pair.h makes the same pairs
// as transformed() and write_grey_pair().
#pragma once

#include "kernels/image/grey_pair.h"
#include "tools/data/transform.h"

namespace cuunet {

// `photo` has the source size of the composition: shrunk by area_shrink where that is not its own.
// Error: more than two warps.
PictureTransform picture_transform(const Composition& composition, ConstView photo);

Normalisation imagenet_normalisation();

}  // namespace cuunet
