// Drawn scenes whose colours can be inferred from shape, texture and brightness: landscapes, still lifes, things seen
// from above, windows. They let anyone train a colouriser on a machine without photographs.
//
// A texture or a shape has one family of hues (bricks are red, gingham too, a square grid of tiles is turquoise), but
// stands anywhere in the picture and in any light, so that neither brightness alone nor the place alone gives it away.
// A scene is a function of (seed, split, index) and the same at every size. The unseen scenes are made of combinations
// of backdrop, ground, thing and place that no training scene has: see scenes/combination.h.
#pragma once

#include "engine/io/image.h"
#include "tools/data/scenes/combination.h"

#include <cstdint>
#include <string>

namespace cuunet {

using SceneSplit = scenes::Split;

// [size, size]. Throws UsageError for a size below 16.
Image draw_scene(uint64_t seed, int64_t index, int64_t size, SceneSplit split);

// What the scene shows, as "landscape day_sky grass tree left low".
std::string scene_name(uint64_t seed, int64_t index, SceneSplit split);

}  // namespace cuunet
