#include "tools/data/scenes/combination.h"

#include <array>
#include <initializer_list>
#include <string_view>

namespace cuunet::scenes {

namespace {

const Surface kDaySky{"day_sky", day_sky};
const Surface kSunsetSky{"sunset_sky", [](Setting& s, double edge) { return sunset_sky(s, edge, s.random.unit()); }};
const Surface kSea{"sea", sea};
const Surface kGrass{"grass", [](Setting& s, double) { return grass(s); }};
const Surface kSand{"sand", [](Setting& s, double) { return sand(s); }};
const Surface kLavender{"lavender", lavender};
const Surface kBricks{"bricks", [](Setting& s, double) { return bricks(s); }};
const Surface kTiles{"tiles", [](Setting& s, double) { return tiles(s); }};
const Surface kPanelling{"panelling", [](Setting& s, double) { return panelling(s); }};
const Surface kPolkaPaper{"polka_paper", [](Setting& s, double) { return polka_paper(s); }};
const Surface kPlaster{"plaster", [](Setting& s, double) { return plaster(s); }};
const Surface kRoofTiles{"roof_tiles", [](Setting& s, double) { return roof_tiles(s); }};
const Surface kPlanks{"planks", planks};
const Surface kGingham{"gingham", gingham};
const Surface kStripedCloth{"striped_cloth", striped_cloth};

// FNV-1a, 64 bits, folded.
uint32_t hash(std::string_view text) {
  uint64_t h = 0xCBF29CE484222325u;
  for (unsigned char c : text) h = (h ^ c) * 0x100000001B3u;
  return static_cast<uint32_t>(h ^ (h >> 32));
}

bool is_unseen(const Combination& combination) { return hash(combination.name()) % 5 == 0; }

bool fits(const Combination& c) {
  std::string_view thing = c.thing->name;
  if (c.layout != Layout::landscape) return true;
  if (c.ground == &kSea) return thing == "sailboat" || thing == "balloon";
  return thing != "sailboat";
}

using Surfaces = std::initializer_list<const Surface*>;

std::vector<Combination> all_of(Layout layout, Surfaces backdrops, Surfaces grounds, const std::vector<Thing>& things) {
  std::vector<Combination> list;
  for (const Surface* backdrop : backdrops) {
    for (const Surface* ground : grounds) {
      for (const Thing& thing : things) {
        for (int place = 0; place < 9; ++place) {
          Combination combination{layout, backdrop, ground, &thing, place % 3, place / 3};
          if (fits(combination)) list.push_back(combination);
        }
      }
    }
  }
  return list;
}

std::vector<Combination> all_of(Layout layout) {
  switch (layout) {
    case Layout::landscape:
      return all_of(layout, {&kDaySky, &kSunsetSky}, {&kGrass, &kSand, &kLavender, &kSea, &kBricks, &kRoofTiles},
                    outdoor_things());
    case Layout::still_life:
      return all_of(layout, {&kBricks, &kTiles, &kPanelling, &kPolkaPaper, &kPlaster},
                    {&kPlanks, &kGingham, &kStripedCloth}, fruits());
    case Layout::from_above:
      return all_of(layout, {nullptr}, {&kPlanks, &kGingham, &kStripedCloth, &kGrass, &kSand, &kTiles, &kBricks},
                    things_from_above());
    case Layout::window:
      return all_of(layout, {&kBricks, &kTiles, &kPanelling, &kPolkaPaper, &kPlaster},
                    {&kGrass, &kSand, &kLavender, &kSea}, fruits());
  }
  return {};
}

struct Sides {
  std::vector<Combination> training, unseen;
};

Sides split_of(Layout layout) {
  Sides sides;
  for (const Combination& c : all_of(layout)) (is_unseen(c) ? sides.unseen : sides.training).push_back(c);
  return sides;
}

}  // namespace

std::string Combination::name() const {
  static const char* const layouts[] = {"landscape", "still_life", "from_above", "window"};
  static const char* const columns[] = {"left", "middle", "right"};
  static const char* const bands[] = {"high", "centre", "low"};
  std::string text = layouts[static_cast<int>(layout)];
  if (backdrop) text += std::string(" ") + backdrop->name;
  return text + " " + ground->name + " " + thing->name + " " + columns[column] + " " + bands[band];
}

const std::vector<Combination>& combinations(Split split, Layout layout) {
  static const std::array<Sides, kLayouts> sides{split_of(Layout::landscape), split_of(Layout::still_life),
                                                 split_of(Layout::from_above), split_of(Layout::window)};
  const Sides& of_layout = sides[static_cast<size_t>(layout)];
  return split == Split::training ? of_layout.training : of_layout.unseen;
}

const std::vector<Thing>& outdoor_things() {
  static const std::vector<Thing> list{
      {"tree", draw_tree},   {"fir", draw_fir},         {"cherry_tree", draw_cherry_tree},
      {"house", draw_house}, {"balloon", draw_balloon}, {"sailboat", draw_sailboat}};
  return list;
}

const std::vector<Thing>& fruits() {
  static const std::vector<Thing> list{{"apple", draw_apple},           {"orange", draw_orange},
                                       {"lemon", draw_lemon},           {"pear", draw_pear},
                                       {"grapes", draw_grapes},         {"banana", draw_banana},
                                       {"strawberry", draw_strawberry}, {"watermelon", draw_watermelon}};
  return list;
}

const std::vector<Thing>& things_from_above() {
  static const std::vector<Thing> list = [] {
    std::vector<Thing> things = fruits();
    things.insert(things.end(), {{"sunflower", draw_sunflower}, {"poppy", draw_poppy}, {"starfish", draw_starfish}});
    return things;
  }();
  return list;
}

}  // namespace cuunet::scenes
