// A mark that says a picture was coloured by a program: a painter's palette with three dabs of paint, our own drawing.
//
// Where DeOldify puts its icon, in the lower left corner: a square of a twentieth of the height (at least 8 pixels, at
// most half of the picture's shorter side), 10 pixels from the edges where there is room, half transparent.
#pragma once

#include "engine/io/image.h"

namespace cuunet {

void draw_watermark(Image& picture);

}  // namespace cuunet
