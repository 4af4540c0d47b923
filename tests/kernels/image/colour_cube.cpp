// The 8-bit formulas on all 2^24 colours, against what Pillow and OpenCV give: per output channel the sum and the sum
// of value · (index mod 9973), and the CRC-32 of the interleaved output bytes. Numbers from the conformance cases
// rgb_to_grey/5, rgb_to_yuv/5 and yuv_to_rgb/5; integers, so there is no tolerance.
#include "kernels/image/grey.h"
#include "kernels/image/yuv.h"

#include <doctest/doctest.h>

#include <array>
#include <vector>

namespace cuunet {

namespace {

struct CubeSums {
  std::array<int64_t, 3> sum{}, weighted{};
  uint32_t crc = 0;
};

uint32_t crc32_step(uint32_t crc, uint8_t byte) {
  static const std::array<uint32_t, 256> table = [] {
    std::array<uint32_t, 256> t{};
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t c = i;
      for (int bit = 0; bit < 8; ++bit) c = c & 1 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
      t[i] = c;
    }
    return t;
  }();
  return table[(crc ^ byte) & 0xFF] ^ (crc >> 8);
}

template <class Convert>
CubeSums sums_over_cube(size_t channels, const Convert& convert) {
  CubeSums sums;
  uint32_t crc = 0xFFFFFFFFu;
  std::vector<uint8_t> colours(65536 * 3), out(65536 * channels);
  for (int64_t red = 0; red < 256; ++red) {
    for (size_t i = 0; i < 65536; ++i) {
      colours[3 * i] = static_cast<uint8_t>(red);
      colours[3 * i + 1] = static_cast<uint8_t>(i >> 8);
      colours[3 * i + 2] = static_cast<uint8_t>(i);
    }
    convert(colours, out);
    for (size_t i = 0; i < out.size(); ++i) {
      int64_t index = red * 65536 + static_cast<int64_t>(i / channels);
      sums.sum[i % channels] += out[i];
      sums.weighted[i % channels] += out[i] * (index % 9973);
      crc = crc32_step(crc, out[i]);
    }
  }
  sums.crc = ~crc;
  return sums;
}

}  // namespace

TEST_CASE("colour cube: Pillow's grey") {
  CubeSums sums = sums_over_cube(1, [](const auto& in, auto& out) { rgb_to_grey(in, out, GreyFormula::pil); });
  CHECK(sums.sum[0] == 2139095177);
  CHECK(sums.weighted[0] == 10668252598377);
  CHECK(sums.crc == 362992172u);
}

TEST_CASE("colour cube: OpenCV's grey") {
  CubeSums sums = sums_over_cube(1, [](const auto& in, auto& out) { rgb_to_grey(in, out, GreyFormula::opencv); });
  CHECK(sums.sum[0] == 2139096404);
  CHECK(sums.weighted[0] == 10668258759892);
  CHECK(sums.crc == 286876773u);
}

TEST_CASE("colour cube: RGB to YUV") {
  CubeSums sums = sums_over_cube(3, [](const auto& in, auto& out) { rgb_to_yuv(in, out); });
  CHECK(sums.sum == std::array<int64_t, 3>{2139095554, 2147483414, 2147344640});
  CHECK(sums.weighted == std::array<int64_t, 3>{10668254383654, 10704217189319, 10702691431692});
  CHECK(sums.crc == 2939658489u);
}

TEST_CASE("colour cube: YUV to RGB") {
  CubeSums sums = sums_over_cube(3, [](const auto& in, auto& out) { yuv_to_rgb(in, out); });
  CHECK(sums.sum == std::array<int64_t, 3>{2132273920, 2145894439, 2130739200});
  CHECK(sums.weighted == std::array<int64_t, 3>{10630924854235, 10696702634580, 10628925232951});
  CHECK(sums.crc == 1955548290u);
}

}  // namespace cuunet
