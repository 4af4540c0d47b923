// Text on pictures, with a built-in font of 5 x 7 pixels (9 with what hangs below the line), proportional, enlarged by
// whole factors. Printable ASCII; any other byte sequence of UTF-8 is drawn as one box.
#pragma once

#include "engine/io/image.h"

#include <string>
#include <string_view>

namespace cuunet {

struct Rgb {
  uint8_t r, g, b;
};

constexpr int64_t kLetterHeight = 7;  // of capitals and digits, at scale 1

int64_t text_width(std::string_view text, int64_t scale);

// (x, y) is the top left corner of the first capital; what leaves the picture is cut off.
void draw_text(Image& image, int64_t x, int64_t y, std::string_view text, Rgb colour, int64_t scale);

// At most `width` pixels wide: the end is replaced by ".." where it would be wider.
std::string shortened(std::string_view text, int64_t width, int64_t scale);

}  // namespace cuunet
