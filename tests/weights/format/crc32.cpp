#include "weights/format/crc32.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace cuunet {
namespace {

uint32_t of(std::string_view text, uint32_t before = 0) { return crc32(std::as_bytes(std::span(text)), before); }

// Values of Python's zlib.crc32.
TEST_CASE("crc32: zlib's numbers, also in parts") {
  std::string_view text = "The quick brown fox jumps over the lazy dog, twice, so that sixteen bytes go in at once.";
  CHECK(of("") == 0);
  CHECK(of("123456789") == 0xCBF43926);
  CHECK(of(text) == 0xECB662F9);
  for (size_t i = 0; i < text.size(); ++i) CHECK(of(text.substr(i), of(text.substr(0, i))) == 0xECB662F9);
}

TEST_CASE("crc32: long pieces, which go by carry-less products, as short ones, which go by tables") {
  std::string text;
  for (int i = 0; i < 700; ++i) text += static_cast<char>(i * i % 251);
  for (size_t begin : {0, 1, 7, 15}) {
    for (size_t end = begin; end <= text.size(); ++end) {
      uint32_t by_parts = 12345;
      for (size_t at = begin; at < end; at += 61) {
        by_parts = of(std::string_view(text).substr(at, std::min<size_t>(61, end - at)), by_parts);
      }
      REQUIRE(of(std::string_view(text).substr(begin, end - begin), 12345) == by_parts);
    }
  }
}

}  // namespace
}  // namespace cuunet
