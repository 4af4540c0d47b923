#include "weights/format/crc32.h"

#include <doctest/doctest.h>

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

}  // namespace
}  // namespace cuunet
