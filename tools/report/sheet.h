// A sheet of pictures: a grid with a caption over each column and one under each row, on white.
//
//        grey          ours          truth
//     +--------+    +--------+    +--------+
//     |        |    |        |    |        |
//     +--------+    +--------+    +--------+
//     photo-17.jpg  26.1 dB
#pragma once

#include "engine/io/image.h"

#include <string>
#include <vector>

namespace cuunet {

struct SheetRow {
  std::string caption;  // may be empty
  std::vector<Image> pictures;
};

struct SheetOptions {
  int64_t cell = 192;      // side of the square that each picture is fitted into, enlarged or shrunk
  int64_t gap = 12;        // between the squares and around them
  int64_t text_scale = 2;  // of the built-in font, 7 pixels high at 1
};

// A row may have fewer pictures than there are columns; the rest stays empty, as does an empty picture's place.
// Throws UsageError when a row has more pictures than there are columns.
Image draw_sheet(const std::vector<std::string>& columns, const std::vector<SheetRow>& rows,
                 const SheetOptions& options = {});

// The picture fitted into a square, keeping its proportions: means over boxes where it shrinks, bilinear where it
// grows.
Image fitted(const Image& picture, int64_t side);

}  // namespace cuunet
