#include "kernels/image/pillow_bilinear.h"

#include "kernels/device/error.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace cuunet {
namespace {

constexpr int fraction_bits = 22;

// The source positions and weights of one output position.
struct Taps {
  int64_t first;
  std::vector<int32_t> weights;
};

Taps taps_at(int64_t x, double scale, int64_t in) {
  double support = std::max(scale, 1.0), centre = (static_cast<double>(x) + 0.5) * scale;
  auto first = std::max<int64_t>(static_cast<int64_t>(centre - support + 0.5), 0);
  auto last = std::min<int64_t>(static_cast<int64_t>(centre + support + 0.5), in);
  std::vector<double> weights;
  double sum = 0;
  for (int64_t j = first; j < last; ++j) {
    double distance = std::abs((static_cast<double>(j) - centre + 0.5) * (1.0 / support));
    weights.push_back(std::max(0.0, 1.0 - distance));
    sum += weights.back();
  }
  Taps taps{first, {}};
  for (double weight : weights) {
    taps.weights.push_back(static_cast<int32_t>(0.5 + weight / sum * (1 << fraction_bits)));
  }
  return taps;
}

std::vector<Taps> taps_of(int64_t in, int64_t out) {
  std::vector<Taps> all;
  for (int64_t x = 0; x < out; ++x) all.push_back(taps_at(x, static_cast<double>(in) / static_cast<double>(out), in));
  return all;
}

// One output value; `step` bytes lie between its source values. The weights add up to 1: no byte is left.
uint8_t weighted_sum(const uint8_t* source, const Taps& taps, int64_t step) {
  int32_t sum = 1 << (fraction_bits - 1);
  for (int32_t weight : taps.weights) {
    sum += weight * *source;
    source += step;
  }
  return static_cast<uint8_t>(std::clamp(sum >> fraction_bits, 0, 255));
}

std::vector<uint8_t> along_rows(std::span<const uint8_t> source, PictureSize from, int64_t width) {
  std::vector<uint8_t> result(static_cast<size_t>(from.height * width * 3));
  std::vector<Taps> taps = taps_of(from.width, width);
  uint8_t* out = result.data();
  for (int64_t y = 0; y < from.height; ++y) {
    const uint8_t* row = source.data() + y * from.width * 3;
    for (const Taps& tap : taps) {
      for (int c = 0; c < 3; ++c) *out++ = weighted_sum(row + tap.first * 3 + c, tap, 3);
    }
  }
  return result;
}

std::vector<uint8_t> along_columns(std::span<const uint8_t> source, PictureSize from, int64_t height) {
  std::vector<uint8_t> result(static_cast<size_t>(height * from.width * 3));
  std::vector<Taps> taps = taps_of(from.height, height);
  int64_t length = from.width * 3;
  uint8_t* out = result.data();
  for (const Taps& tap : taps) {
    for (int64_t i = 0; i < length; ++i) *out++ = weighted_sum(source.data() + tap.first * length + i, tap, length);
  }
  return result;
}

void check_size(const char* which, size_t bytes, PictureSize size) {
  if (size.height > 0 && size.width > 0 && bytes == static_cast<size_t>(size.height * size.width * 3)) return;
  throw ShapeError("pillow_bilinear: {} is [{}, {}, 3] in {} bytes", which, size.height, size.width, bytes);
}

}  // namespace

void pillow_bilinear(std::span<const uint8_t> source, PictureSize from, std::span<uint8_t> result, PictureSize to) {
  check_size("source", source.size(), from);
  check_size("result", result.size(), to);
  std::vector<uint8_t> now;
  PictureSize size = from;
  auto rows = [&] {
    if (size.width == to.width) return;
    now = along_rows(now.empty() ? source : std::span<const uint8_t>(now), size, to.width);
    size.width = to.width;
  };
  auto columns = [&] {
    if (size.height == to.height) return;
    now = along_columns(now.empty() ? source : std::span<const uint8_t>(now), size, to.height);
    size.height = to.height;
  };
  if (to.height < from.height && to.width > from.width) {
    columns(), rows();
  } else {
    rows(), columns();
  }
  std::ranges::copy(now.empty() ? source : std::span<const uint8_t>(now), result.begin());
}

}  // namespace cuunet
