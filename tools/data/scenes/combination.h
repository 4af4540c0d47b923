// What a scene shows: which backdrop, which ground, which thing, and where. The scenes that a network never sees in
// training are made of combinations of their own: a fifth of them, chosen by a hash of the combination's name, so that
// the choice stays the same when combinations are added. Every single part occurs on both sides.
#pragma once

#include "tools/data/scenes/materials.h"
#include "tools/data/scenes/objects.h"

#include <string>
#include <vector>

namespace cuunet::scenes {

enum class Layout { landscape, still_life, from_above, window };
constexpr int kLayouts = 4;

struct Surface {
  const char* name;
  Material (*make)(Setting&, double edge);  // edge: where a ground begins, or the horizon that a sky ends at
};

struct Thing {
  const char* name;
  Draw draw;
};

struct Combination {
  Layout layout;
  const Surface* backdrop;  // null where the ground fills the picture
  const Surface* ground;
  const Thing* thing;
  int column, band;  // where the thing stands, and how high the ground begins: 0, 1, 2

  std::string name() const;  // "landscape day_sky grass tree left low"
};

enum class Split { training, unseen };

// All combinations of a layout on one side of the split.
const std::vector<Combination>& combinations(Split split, Layout layout);

// The things that can accompany one another.
const std::vector<Thing>& outdoor_things();
const std::vector<Thing>& fruits();
const std::vector<Thing>& things_from_above();  // the fruits, flowers and starfish

}  // namespace cuunet::scenes
