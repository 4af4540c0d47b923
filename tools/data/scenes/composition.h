// Arranges a combination on a canvas: backdrop, ground, the thing, and what happens to stand around it.
#pragma once

#include "tools/data/scenes/combination.h"

namespace cuunet::scenes {

void compose(Canvas& canvas, Setting& setting, const Combination& combination);

}  // namespace cuunet::scenes
