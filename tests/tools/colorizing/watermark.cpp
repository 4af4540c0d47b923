#include "tools/colorizing/watermark.h"

#include <doctest/doctest.h>

namespace cuunet {
namespace {

Image black(int64_t width, int64_t height) { return Image(width, height); }

}  // namespace

TEST_CASE("watermark: its square in the lower left corner changes, nothing else does") {
  Image picture = black(300, 400);
  draw_watermark(picture);  // 20 pixels wide, 10 from the edges
  int changed = 0;
  for (int64_t y = 0; y < 400; ++y) {
    for (int64_t x = 0; x < 300; ++x) {
      const uint8_t* rgb = picture.pixel(y, x);
      if (rgb[0] == 0 && rgb[1] == 0 && rgb[2] == 0) continue;
      ++changed;
      CHECK((x >= 10 && x < 30 && y >= 370 && y < 390));
    }
  }
  CHECK(changed > 250);  // of a disc of 314 pixels with a hole
  CHECK(picture.pixel(370, 10)[0] == 0);
  // Half of the wood's colour, and half of the red dab's.
  CHECK(picture.pixel(380, 20)[0] == 119);
  CHECK(picture.pixel(377, 16)[0] == 107);
}

TEST_CASE("watermark: fits into any picture") {
  for (auto [width, height] : {std::pair{1, 1}, {1, 500}, {500, 1}, {7, 9}, {20, 20}}) {
    Image picture = black(width, height);
    draw_watermark(picture);
    CHECK(picture.width == width);
  }
  Image small = black(20, 20);
  draw_watermark(small);
  CHECK(small.rgb != black(20, 20).rgb);
}

}  // namespace cuunet
