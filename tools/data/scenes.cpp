#include "tools/data/scenes.h"

#include "kernels/device/error.h"
#include "tools/data/scenes/composition.h"

namespace cuunet {

namespace {

RandomStream scene_stream(uint64_t seed, int64_t index, SceneSplit split) {
  return {seed, Purpose::scenes, static_cast<uint32_t>(split), static_cast<uint32_t>(index)};
}

const scenes::Combination& draw_combination(RandomStream& random, SceneSplit split) {
  using scenes::Layout;
  double u = random.unit();
  Layout layout = u < 0.36   ? Layout::landscape
                  : u < 0.60 ? Layout::still_life
                  : u < 0.82 ? Layout::from_above
                             : Layout::window;
  const auto& list = scenes::combinations(split, layout);
  return list[static_cast<size_t>(random.below(static_cast<int64_t>(list.size())))];
}

}  // namespace

Image draw_scene(uint64_t seed, int64_t index, int64_t size, SceneSplit split) {
  if (size < 16) throw UsageError("scenes: expected a size of at least 16 pixels, got {}", size);
  RandomStream random = scene_stream(seed, index, split);
  const scenes::Combination& combination = draw_combination(random, split);
  scenes::Canvas canvas(size);
  scenes::Setting setting{random, random.uniform(0.85, 1.12), random.uniform(-1, 1), canvas.pixel()};
  compose(canvas, setting, combination);
  return canvas.image();
}

std::string scene_name(uint64_t seed, int64_t index, SceneSplit split) {
  RandomStream random = scene_stream(seed, index, split);
  return draw_combination(random, split).name();
}

}  // namespace cuunet
