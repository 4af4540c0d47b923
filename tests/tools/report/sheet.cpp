#include "tools/report/sheet.h"

#include "kernels/device/error.h"
#include "tools/report/lettering.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace cuunet {

namespace {

Image filled(int64_t width, int64_t height, uint8_t value) {
  Image image(width, height);
  std::fill(image.rgb.begin(), image.rgb.end(), value);
  return image;
}

int64_t ink(const Image& image) {
  return std::count_if(image.rgb.begin(), image.rgb.end(), [](uint8_t value) { return value != 255; });
}

}  // namespace

TEST_CASE("lettering: an L is a bar and a foot, widths are proportional") {
  Image image = filled(20, 12, 255);
  draw_text(image, 2, 1, "L", {0, 0, 0}, 1);
  for (int64_t y = 0; y < 7; ++y) CHECK(image.pixel(1 + y, 2)[0] == 0);
  for (int64_t x = 0; x < 5; ++x) CHECK(image.pixel(7, 2 + x)[0] == 0);
  CHECK(ink(image) == 3 * 11);
  CHECK(text_width("L", 1) == 5);
  CHECK(text_width("il", 2) == 2 * (3 + 1 + 3));
  CHECK(text_width("", 3) == 0);
  CHECK(text_width("é", 1) == 5);  // one box for one character
}

TEST_CASE("lettering: every printable character has its own ink, and none leaves the picture") {
  std::vector<Image> seen;
  for (char c = '!'; c <= '~'; ++c) {
    Image image = filled(5, 9, 255);
    draw_text(image, 0, 0, std::string(1, c), {0, 0, 0}, 1);
    CAPTURE(c);
    CHECK(ink(image) > 0);
    if (c == 'O') continue;  // drawn as 0
    for (const Image& other : seen) CHECK(other.rgb != image.rgb);
    seen.push_back(image);
  }
  Image small = filled(3, 3, 255);
  draw_text(small, -4, -4, "Wide text", {0, 0, 0}, 3);  // the sanitizers watch this one
}

TEST_CASE("lettering: what is too long ends in two dots") {
  CHECK(shortened("short", 100, 1) == "short");
  std::string cut = shortened("a-long-name-of-a-photograph.jpg", 60, 1);
  CHECK(text_width(cut, 1) <= 60);
  CHECK(cut.substr(cut.size() - 2) == "..");
}

TEST_CASE("sheet: pictures stand in their cells, fitted and centred") {
  SheetOptions options{16, 4, 1};
  Image sheet =
      draw_sheet({"a", "b"}, {{"row", {filled(32, 16, 10), filled(8, 8, 20)}}, {"", {filled(16, 16, 30)}}}, options);
  CHECK(sheet.width == 4 + 2 * 20);
  int64_t top = 4 + 12;
  CHECK(sheet.pixel(top + 8, 4 + 8)[0] == 10);
  CHECK(sheet.pixel(top + 2, 4 + 8)[0] == 255);  // the wide one leaves room above
  CHECK(sheet.pixel(top + 1, 24 + 1)[0] == 20);  // the small one is enlarged
  CHECK(sheet.pixel(top + 16 + 4 + 12 + 8, 4 + 8)[0] == 30);
  CHECK_THROWS_AS(draw_sheet({"a"}, {{"row", {filled(4, 4, 0), filled(4, 4, 0)}}}, options), UsageError);
}

TEST_CASE("sheet: enlarging keeps a ramp's ends and its middle") {
  Image ramp(2, 1);
  ramp.pixel(0, 1)[0] = ramp.pixel(0, 1)[1] = ramp.pixel(0, 1)[2] = 200;
  Image large = fitted(ramp, 8);
  CHECK(large.width == 8);
  CHECK(large.height == 4);
  CHECK(large.pixel(0, 0)[0] == 0);
  CHECK(large.pixel(0, 7)[0] == 200);
  CHECK(large.pixel(2, 3)[0] + large.pixel(2, 4)[0] == 200);
}

}  // namespace cuunet
