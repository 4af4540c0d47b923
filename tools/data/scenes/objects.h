// Things that stand in a scene. Each is drawn around a centre with a radius (half its height), shaded by the setting's
// light, with colours that follow from its shape.
#pragma once

#include "tools/data/scenes/canvas.h"
#include "tools/data/scenes/materials.h"

namespace cuunet::scenes {

using Draw = void (*)(Canvas&, Setting&, Point centre, double radius);

// On tables and on the ground.
void draw_apple(Canvas&, Setting&, Point centre, double radius);
void draw_orange(Canvas&, Setting&, Point centre, double radius);
void draw_lemon(Canvas&, Setting&, Point centre, double radius);
void draw_pear(Canvas&, Setting&, Point centre, double radius);
void draw_grapes(Canvas&, Setting&, Point centre, double radius);
void draw_banana(Canvas&, Setting&, Point centre, double radius);
void draw_strawberry(Canvas&, Setting&, Point centre, double radius);
void draw_watermelon(Canvas&, Setting&, Point centre, double radius);
void draw_sunflower(Canvas&, Setting&, Point centre, double radius);
void draw_poppy(Canvas&, Setting&, Point centre, double radius);
void draw_starfish(Canvas&, Setting&, Point centre, double radius);

// In landscapes.
void draw_tree(Canvas&, Setting&, Point centre, double radius);
void draw_fir(Canvas&, Setting&, Point centre, double radius);
void draw_cherry_tree(Canvas&, Setting&, Point centre, double radius);
void draw_house(Canvas&, Setting&, Point centre, double radius);
void draw_balloon(Canvas&, Setting&, Point centre, double radius);
void draw_sailboat(Canvas&, Setting&, Point centre, double radius);

}  // namespace cuunet::scenes
