#include "kernels/image/pillow_bilinear.h"

#include "engine/io/crc32.h"
#include "kernels/device/error.h"

#include <doctest/doctest.h>

#include <vector>

namespace cuunet {
namespace {

std::vector<uint8_t> picture(int64_t height, int64_t width) {
  std::vector<uint8_t> values(static_cast<size_t>(height * width * 3));
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<uint8_t>(i * i * 7 + i * 31 + i % 5 * 40);
  return values;
}

std::vector<uint8_t> resized(PictureSize from, PictureSize to) {
  std::vector<uint8_t> result(static_cast<size_t>(to.height * to.width * 3));
  pillow_bilinear(picture(from.height, from.width), from, result, to);
  return result;
}

// Made with Pillow 13.0.0: zlib.crc32 of Image.fromarray(picture).resize((width, height), Image.BILINEAR).tobytes().
struct Row {
  PictureSize from, to;
  uint32_t crc;
};
constexpr Row rows[] = {
    {{50, 70}, {64, 64}, 0x02df707b},                                                                 // rows first
    {{64, 64}, {50, 70}, 0x3c92c770},                                                                 // columns first
    {{9, 4}, {5, 11}, 0x79f313d7},                                                                    // columns first
    {{4, 9}, {11, 5}, 0xa54ed066},    {{1, 1}, {3, 2}, 0x1f051705},    {{7, 7}, {7, 7}, 0x88812199},  // nothing to do
    {{7, 7}, {7, 3}, 0x0ef83306},                                                                     // one pass
    {{5, 6}, {9, 6}, 0x3f350bc0},     {{200, 3}, {2, 64}, 0xd7450462}, {{31, 97}, {16, 16}, 0xad9871fa},
    {{3, 301}, {1, 1}, 0x445fa984},
};

}  // namespace

TEST_CASE("pillow_bilinear: the bytes of Pillow") {
  for (const Row& row : rows) {
    CAPTURE(row.from.height);
    CAPTURE(row.from.width);
    CAPTURE(row.to.width);
    std::vector<uint8_t> result = resized(row.from, row.to);
    CHECK(crc32(std::as_bytes(std::span(result))) == row.crc);
  }
  CHECK(resized({1, 4}, {1, 2}) == std::vector<uint8_t>{40, 112, 111, 200, 179, 119});
  CHECK(resized({2, 1}, {3, 1}) == std::vector<uint8_t>{0, 78, 170, 10, 109, 122, 20, 140, 74});
}

TEST_CASE("pillow_bilinear: sizes that don't fit are refused") {
  std::vector<uint8_t> pixel(3), pixels(6);
  CHECK_THROWS_AS(pillow_bilinear(pixel, {1, 2}, pixels, {1, 2}), ShapeError);
  CHECK_THROWS_AS(pillow_bilinear(pixel, {1, 1}, pixel, {1, 2}), ShapeError);
  CHECK_THROWS_AS(pillow_bilinear({}, {0, 2}, pixels, {1, 2}), ShapeError);
}

}  // namespace cuunet
