#include "tools/colorizing/watermark.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace cuunet {
namespace {

using Colour = std::array<int, 3>;

struct Disc {
  double x, y, radius;  // in a square of side 1
  Colour colour;
};

constexpr double palette_radius = 0.5;
constexpr Disc hole{0.62, 0.74, 0.1, {}};
constexpr Disc dabs[] = {
    {0.3, 0.36, 0.12, {214, 48, 49}}, {0.6, 0.26, 0.12, {254, 202, 87}}, {0.28, 0.66, 0.12, {46, 134, 222}}};
constexpr Colour wood{238, 220, 196};

double distance(double x, double y, const Disc& disc) { return std::hypot(x - disc.x, y - disc.y); }

// Nothing outside the palette and in its hole.
std::optional<Colour> colour_at(double x, double y) {
  if (std::hypot(x - 0.5, y - 0.5) > palette_radius || distance(x, y, hole) < hole.radius) return std::nullopt;
  for (const Disc& dab : dabs) {
    if (distance(x, y, dab) < dab.radius) return dab.colour;
  }
  return wood;
}

// Pixel (y, x) of a mark of `side` pixels, laid half transparent on what is there: 4 × 4 samples.
void lay_on(uint8_t* rgb, int64_t y, int64_t x, int64_t side) {
  constexpr int samples = 4;
  std::array<int, 3> sum{};
  int covered = 0;
  for (int i = 0; i < samples * samples; ++i) {
    auto place = [side](int64_t pixel, int sample) {
      return (static_cast<double>(pixel) + (sample + 0.5) / samples) / static_cast<double>(side);
    };
    auto colour = colour_at(place(x, i % samples), place(y, i / samples));
    if (!colour) continue;
    ++covered;
    for (size_t c = 0; c < 3; ++c) sum[c] += (*colour)[c];
  }
  constexpr int full = 2 * samples * samples;
  for (size_t c = 0; c < 3; ++c) {
    rgb[c] = static_cast<uint8_t>((sum[c] + (full - covered) * rgb[c] + full / 2) / full);
  }
}

}  // namespace

void draw_watermark(Image& picture) {
  int64_t room = std::min(picture.height, picture.width);
  int64_t side = std::min(std::max<int64_t>(8, picture.height / 20), room / 2);
  int64_t margin = std::min<int64_t>(10, (room - side) / 2);
  for (int64_t y = 0; y < side; ++y) {
    for (int64_t x = 0; x < side; ++x) {
      lay_on(picture.pixel(picture.height - margin - side + y, margin + x), y, x, side);
    }
  }
}

}  // namespace cuunet
