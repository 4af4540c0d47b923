// What surfaces look like. A material's hue follows from its texture; its brightness is drawn over a wide range, so
// that brightness alone doesn't give the material away.
#pragma once

#include "kernels/device/philox.h"
#include "tools/data/scenes/canvas.h"

#include <functional>

namespace cuunet::scenes {

// The colour of a surface at a point of the picture.
using Material = std::function<Colour(Point)>;

// What the parts of one scene share.
struct Setting {
  RandomStream& random;
  double brightness;  // of the light, about 1
  double light_x;     // where the light comes from: -1 left … 1 right
  double pixel;       // side of a pixel

  double draw_brightness(double low, double high) { return brightness * random.uniform(low, high); }
};

// A horizontal plane seen from above: z grows to the horizon. Squeezes textures of tables and fields in perspective.
Point on_plane(Point p, double horizon, double camera_height);

// Walls, seen face on.
Material bricks(Setting&);       // red, in running bond
Material tiles(Setting&);        // turquoise, in a square grid
Material panelling(Setting&);    // brown wood, upright planks
Material polka_paper(Setting&);  // lilac, with dots
Material plaster(Setting&);      // ochre, trowelled
Material roof_tiles(Setting&);   // terracotta, in scales

// Tops, lying down; horizon above 0 leaves them flat, as seen from straight above.
Material planks(Setting&, double edge);         // brown wood
Material gingham(Setting&, double edge);        // red and white checks
Material striped_cloth(Setting&, double edge);  // blue and white stripes

// The open air. horizon is the height at which they meet the sky.
Material day_sky(Setting&, double horizon);  // blue, with heaped clouds
Material sunset_sky(Setting&, double horizon, double sun_x);
Material sea(Setting&, double horizon);
Material sunset_sea(Setting&, double horizon, double sun_x);
Material grass(Setting&);
Material sand(Setting&);
Material lavender(Setting&, double horizon);

// Leaves and flowers on trees.
Material foliage(Setting&);
Material blossom(Setting&);

}  // namespace cuunet::scenes
