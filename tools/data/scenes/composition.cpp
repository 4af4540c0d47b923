#include "tools/data/scenes/composition.h"

#include "tools/data/scenes/noise.h"
#include "tools/data/scenes/solid.h"

#include <string_view>

namespace cuunet::scenes {

namespace {

double everywhere(Point) { return 1.0; }

double column_centre(Setting& setting, int column) {
  return 0.22 + 0.28 * column + setting.random.uniform(-0.08, 0.08);
}

double band_edge(Setting& setting, int band) { return 0.26 + 0.2 * band + setting.random.uniform(0, 0.15); }

const Thing& any_of(Setting& setting, const std::vector<Thing>& things) {
  return things[static_cast<size_t>(setting.random.below(static_cast<int64_t>(things.size())))];
}

struct Placed {
  const Thing* thing;
  Point centre;
  double radius;
};

// The farther ones first: those whose feet are higher in the picture.
void draw_in_depth(Canvas& canvas, Setting& setting, std::vector<Placed> placed) {
  std::stable_sort(placed.begin(), placed.end(),
                   [](const Placed& a, const Placed& b) { return a.centre.y + a.radius < b.centre.y + b.radius; });
  for (const Placed& p : placed) p.thing->draw(canvas, setting, p.centre, p.radius);
}

bool apart(const std::vector<Placed>& placed, Point centre, double radius, double closeness) {
  for (const Placed& other : placed) {
    if (length(other.centre - centre) < closeness * (other.radius + radius)) return false;
  }
  return true;
}

// Branches that hang into the picture from above.
void hang_branches(Canvas& canvas, Setting& setting) {
  Material leaves = setting.random.unit() < 0.6 ? foliage(setting) : blossom(setting);
  double depth = setting.random.uniform(0.12, 0.3), slope = setting.random.uniform(-0.35, 0.35);
  uint32_t seed = setting.random.word();
  canvas.fill(
      {0, 0, 1, 0.65},
      [&](Point p) {
        double edge = depth + slope * (p.x - 0.5) + 0.13 * fractal_noise(5 * p.x, 2, seed) +
                      0.02 * value_noise(26 * p.x, 26 * p.y, seed + 9);
        return 0.5 * (p.y - edge);
      },
      [&](Point p) { return leaves(p) * (0.8 + 0.4 * value_noise(6 * p.x, 6 * p.y, seed + 4)); });
}

bool is_wall(const Surface* ground) {
  return std::string_view(ground->name) == "bricks" || std::string_view(ground->name) == "roof_tiles";
}

void fill_ground(Canvas& canvas, Setting& setting, const Surface& ground, double horizon) {
  Material material = ground.make(setting, horizon);
  bool level = is_wall(&ground) || std::string_view(ground.name) == "sea";
  double hills = level ? 0.0 : setting.random.uniform(0.0, 0.035);
  uint32_t seed = setting.random.word();
  canvas.fill(
      {0, horizon - 0.05, 1, 1}, [&](Point p) { return horizon + hills * value_noise(2.5 * p.x, 0.5, seed) - p.y; },
      material);
}

// Small flowers in the grass, starfish on the sand.
void scatter_small_things(Canvas& canvas, Setting& setting, std::string_view ground, double horizon) {
  Draw draw = ground == "sand" ? draw_starfish : setting.random.unit() < 0.5 ? draw_poppy : draw_sunflower;
  int64_t count = ground == "sand" ? setting.random.below(3) : 3 + setting.random.below(5);
  for (int64_t i = 0; i < count; ++i) {
    double t = (static_cast<double>(i) + setting.random.unit()) / static_cast<double>(count);
    double y = mix(horizon + 0.14, 1.0, t);
    draw(canvas, setting, {setting.random.unit(), y}, 0.03 + 0.045 * t);
  }
}

Placed place_outdoors(Setting& setting, const Thing& thing, double x, double horizon, double radius) {
  std::string_view name = thing.name;
  if (name == "balloon")
    return {&thing, {x, setting.random.uniform(0.8 * radius, std::max(radius, horizon - 0.1))}, radius};
  double foot = horizon + setting.random.uniform(0.03, 0.03 + 0.25 * (1 - horizon));
  return {&thing, {x, foot - (name == "sailboat" ? 0.85 : 1.0) * radius}, radius};
}

// Sunset seas carry the sun's path, which only the sky knows: both are made here.
void fill_sky_and_ground(Canvas& canvas, Setting& setting, const Combination& c, double horizon,
                         const std::vector<Placed>& behind) {
  bool sunset = std::string_view(c.backdrop->name) == "sunset_sky", at_sea = std::string_view(c.ground->name) == "sea";
  double sun_x = setting.random.uniform(0.15, 0.85);
  canvas.blend(kEverything, everywhere,
               sunset ? sunset_sky(setting, horizon, sun_x) : c.backdrop->make(setting, horizon));
  draw_in_depth(canvas, setting, behind);
  if (sunset && at_sea) {
    Material water = sunset_sea(setting, horizon, sun_x);
    canvas.fill(
        {0, horizon, 1, 1}, [&](Point p) { return horizon - p.y; }, water);
  } else {
    fill_ground(canvas, setting, *c.ground, horizon);
  }
}

void compose_landscape(Canvas& canvas, Setting& setting, const Combination& c) {
  double horizon = band_edge(setting, c.band);
  if (std::string_view(c.backdrop->name) == "sunset_sky") setting.brightness *= 0.82;
  std::vector<Placed> placed{
      place_outdoors(setting, *c.thing, column_centre(setting, c.column), horizon, setting.random.uniform(0.2, 0.3))};
  bool at_sea = std::string_view(c.ground->name) == "sea";
  for (int64_t i = setting.random.below(4); i > 0; --i) {
    const Thing& thing = at_sea ? outdoor_things().back() : any_of(setting, outdoor_things());
    if (!at_sea && std::string_view(thing.name) == "sailboat") continue;
    Placed other = place_outdoors(setting, thing, setting.random.unit(), horizon, setting.random.uniform(0.1, 0.17));
    if (apart(placed, other.centre, other.radius, 0.8)) placed.push_back(other);
  }
  bool wall = is_wall(c.ground);
  fill_sky_and_ground(canvas, setting, c, horizon, wall ? placed : std::vector<Placed>{});
  if (!wall) draw_in_depth(canvas, setting, placed);
  std::string_view ground = c.ground->name;
  if ((ground == "grass" || ground == "sand") && setting.random.unit() < 0.6) {
    scatter_small_things(canvas, setting, ground, horizon);
  }
  if (setting.random.unit() < 0.25) hang_branches(canvas, setting);
}

void draw_shelf(Canvas& canvas, Setting& setting, double height) {
  Material wood = planks(setting, 0);
  Box board{0, height, 1, height + 0.035};
  for (double x = setting.random.uniform(0.1, 0.25); x < 1; x += setting.random.uniform(0.24, 0.4)) {
    double radius = setting.random.uniform(0.08, 0.11);
    any_of(setting, fruits()).draw(canvas, setting, {x, height - 0.85 * radius}, radius);
  }
  canvas.blend(
      board, [&](Point p) { return canvas.cover(std::max(board.top - p.y, p.y - board.bottom)); }, wood);
  canvas.blend(
      {0, board.bottom, 1, board.bottom + 0.06},
      [&](Point p) { return 0.4 * smoothstep(board.bottom + 0.06, board.bottom, p.y) * (p.y > board.bottom); },
      [](Point) {
        return Colour{0, 0, 0};
      });
}

void compose_still_life(Canvas& canvas, Setting& setting, const Combination& c) {
  double edge = band_edge(setting, c.band) + 0.04;
  canvas.blend(kEverything, everywhere, c.backdrop->make(setting, edge));
  if (edge > 0.52 && setting.random.unit() < 0.5) draw_shelf(canvas, setting, setting.random.uniform(0.22, 0.3));
  Material top = c.ground->make(setting, edge);
  canvas.fill(
      {0, edge, 1, 1}, [&](Point p) { return edge - p.y; }, top);
  auto place = [&](const Thing& thing, double x, double radius) {
    double foot = edge + setting.random.uniform(0.1, 0.1 + 0.75 * (1 - edge));
    return Placed{&thing, {x, foot - 0.85 * radius}, radius};
  };
  std::vector<Placed> placed{place(*c.thing, column_centre(setting, c.column), setting.random.uniform(0.15, 0.22))};
  for (int64_t i = 1 + setting.random.below(4); i > 0; --i) {
    Placed other = place(any_of(setting, fruits()), setting.random.unit(), setting.random.uniform(0.11, 0.17));
    if (apart(placed, other.centre, other.radius, 0.85)) placed.push_back(other);
  }
  draw_in_depth(canvas, setting, placed);
}

void compose_from_above(Canvas& canvas, Setting& setting, const Combination& c) {
  canvas.blend(kEverything, everywhere, c.ground->make(setting, 0));
  Point centre{column_centre(setting, c.column), 0.24 + 0.26 * c.band + setting.random.uniform(-0.07, 0.07)};
  std::vector<Placed> placed{{c.thing, centre, setting.random.uniform(0.17, 0.25)}};
  for (int64_t i = 2 + setting.random.below(6); i > 0; --i) {
    Point other{setting.random.unit(), setting.random.unit()};
    double radius = setting.random.uniform(0.1, 0.16);
    if (apart(placed, other, radius, 1.05)) placed.push_back({&any_of(setting, things_from_above()), other, radius});
  }
  draw_in_depth(canvas, setting, placed);
}

void compose_window(Canvas& canvas, Setting& setting, const Combination& c) {
  canvas.blend(kEverything, everywhere, c.backdrop->make(setting, 0));
  double width = setting.random.uniform(0.24, 0.33), height = setting.random.uniform(0.24, 0.32);
  Point middle{0.5 + 0.17 * (c.column - 1) + setting.random.uniform(-0.04, 0.04),
               0.47 + 0.12 * (c.band - 1) + setting.random.uniform(-0.04, 0.04)};
  auto inside = [&](Point p, double margin) {
    return std::max(std::abs(p.x - middle.x) - width, std::abs(p.y - middle.y) - height) + margin;
  };
  double horizon = middle.y + height * setting.random.uniform(-0.3, 0.5);
  Material sky = setting.random.unit() < 0.6 ? day_sky(setting, horizon) : sunset_sky(setting, horizon, middle.x);
  Material ground = c.ground->make(setting, horizon);
  Colour frame = Colour{0.96, 0.94, 0.90} * std::min(1.05, setting.brightness * setting.random.uniform(0.75, 1.1));
  Box box{middle.x - width, middle.y - height, middle.x + width, middle.y + height};
  canvas.fill(
      box, [&](Point p) { return inside(p, 0); }, [&](Point) { return frame; });
  canvas.fill(
      box, [&](Point p) { return inside(p, 0.025); },
      [&](Point p) { return mix(sky(p), ground(p), canvas.cover(horizon - p.y)); });
  double bar = setting.random.unit() < 0.5 ? 0.011 : 0.0;
  canvas.fill(
      box, [&](Point p) { return std::max(inside(p, 0), std::abs(p.x - middle.x) - bar); },
      [&](Point) { return frame; });
  Box sill{box.left - 0.05, box.bottom - 0.01, box.right + 0.05, box.bottom + 0.035};
  canvas.fill(
      sill,
      [&](Point p) {
        return std::max({sill.left - p.x, p.x - sill.right, sill.top - p.y, p.y - sill.bottom});
      },
      [&](Point p) { return frame * mix(1.0, 0.72, (p.y - sill.top) / (sill.bottom - sill.top)); });
  double radius = setting.random.uniform(0.12, 0.17);
  c.thing->draw(canvas, setting, {middle.x + width * setting.random.uniform(-0.7, 0.7), sill.top - 0.8 * radius},
                radius);
}

}  // namespace

void compose(Canvas& canvas, Setting& setting, const Combination& combination) {
  switch (combination.layout) {
    case Layout::landscape: return compose_landscape(canvas, setting, combination);
    case Layout::still_life: return compose_still_life(canvas, setting, combination);
    case Layout::from_above: return compose_from_above(canvas, setting, combination);
    case Layout::window: return compose_window(canvas, setting, combination);
  }
}

}  // namespace cuunet::scenes
