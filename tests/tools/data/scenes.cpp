#include "tools/data/scenes.h"

#include "kernels/device/error.h"
#include "kernels/image/quality.h"

#include <doctest/doctest.h>

#include <set>

namespace cuunet {

namespace {

const scenes::Layout kAllLayouts[] = {scenes::Layout::landscape, scenes::Layout::still_life, scenes::Layout::from_above,
                                      scenes::Layout::window};

std::set<std::string> names(SceneSplit split) {
  std::set<std::string> all;
  for (scenes::Layout layout : kAllLayouts) {
    for (const auto& c : scenes::combinations(split, layout)) all.insert(c.name());
  }
  return all;
}

std::set<std::string> parts(SceneSplit split) {
  std::set<std::string> all;
  for (scenes::Layout layout : kAllLayouts) {
    for (const auto& c : scenes::combinations(split, layout)) {
      if (c.backdrop) all.insert(c.backdrop->name);
      all.insert(c.ground->name);
      all.insert(c.thing->name);
      all.insert("column " + std::to_string(c.column));
      all.insert("band " + std::to_string(c.band));
    }
  }
  return all;
}

Image halved(const Image& image) {
  Image half(image.width / 2, image.height / 2);
  for (int64_t y = 0; y < half.height; ++y) {
    for (int64_t x = 0; x < half.width; ++x) {
      for (int c = 0; c < 3; ++c) {
        int sum = image.pixel(2 * y, 2 * x)[c] + image.pixel(2 * y, 2 * x + 1)[c] + image.pixel(2 * y + 1, 2 * x)[c] +
                  image.pixel(2 * y + 1, 2 * x + 1)[c];
        half.pixel(y, x)[c] = static_cast<uint8_t>((sum + 2) / 4);
      }
    }
  }
  return half;
}

}  // namespace

TEST_CASE("scenes: unseen combinations are a fifth, shared with none in training, made of the same parts") {
  std::set<std::string> training = names(SceneSplit::training), unseen = names(SceneSplit::unseen);
  for (const std::string& name : unseen) CHECK(training.count(name) == 0);
  size_t all = training.size() + unseen.size();
  CHECK(all > 3000);
  CHECK(unseen.size() * 100 / all >= 17);
  CHECK(unseen.size() * 100 / all <= 23);
  CHECK(parts(SceneSplit::training) == parts(SceneSplit::unseen));
}

TEST_CASE("scenes: a scene's combination belongs to its side of the split") {
  std::set<std::string> unseen = names(SceneSplit::unseen);
  for (int64_t i = 0; i < 200; ++i) {
    CHECK(unseen.count(scene_name(7, i, SceneSplit::unseen)) == 1);
    CHECK(unseen.count(scene_name(7, i, SceneSplit::training)) == 0);
  }
}

TEST_CASE("scenes: the same name gives the same bytes, another seed or index others") {
  Image first = draw_scene(3, 11, 48, SceneSplit::training);
  CHECK(first.width == 48);
  CHECK(first.height == 48);
  CHECK(draw_scene(3, 11, 48, SceneSplit::training).rgb == first.rgb);
  CHECK(draw_scene(3, 12, 48, SceneSplit::training).rgb != first.rgb);
  CHECK(draw_scene(4, 11, 48, SceneSplit::training).rgb != first.rgb);
  CHECK(draw_scene(3, 11, 48, SceneSplit::unseen).rgb != first.rgb);
  CHECK_THROWS_AS(draw_scene(3, 11, 8, SceneSplit::training), UsageError);
}

TEST_CASE("scenes: a size shows the same scene as another, and every scene has colour") {
  for (int64_t i = 0; i < 12; ++i) {
    CAPTURE(scene_name(1, i, SceneSplit::training));
    Image small = draw_scene(1, i, 64, SceneSplit::training), large = draw_scene(1, i, 128, SceneSplit::training);
    // Grain finer than a pixel of the small one is what differs: unrelated scenes are at 8 to 12 dB.
    CHECK(psnr(halved(large).rgb, small.rgb) > 20);
    CHECK(colourfulness(large.rgb) > 25);
  }
}

}  // namespace cuunet
