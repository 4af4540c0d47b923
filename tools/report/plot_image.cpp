#include "tools/report/plot_layout.h"

#include <algorithm>
#include <cmath>

namespace cuunet {

namespace {

// How much of each pixel one line covers; a line that crosses itself covers no pixel twice.
class Coverage {
 public:
  Coverage(int64_t width, int64_t height)
      : width_(width), height_(height), values_(static_cast<size_t>(width * height)) {}

  void add_segment(PixelPoint a, PixelPoint b, double half_width) {
    double reach = half_width + 1;
    int64_t left = clamped(std::min(a.x, b.x) - reach, width_), right = clamped(std::max(a.x, b.x) + reach, width_);
    int64_t top = clamped(std::min(a.y, b.y) - reach, height_), bottom = clamped(std::max(a.y, b.y) + reach, height_);
    double dx = b.x - a.x, dy = b.y - a.y, squared = dx * dx + dy * dy;
    for (int64_t y = top; y < bottom; ++y) {
      for (int64_t x = left; x < right; ++x) {
        double px = static_cast<double>(x) + 0.5 - a.x, py = static_cast<double>(y) + 0.5 - a.y;
        double t = squared > 0 ? std::clamp((px * dx + py * dy) / squared, 0.0, 1.0) : 0.0;
        double distance = std::hypot(px - t * dx, py - t * dy);
        double& value = values_[static_cast<size_t>(y * width_ + x)];
        value = std::max(value, std::clamp(half_width + 0.5 - distance, 0.0, std::min(1.0, 2 * half_width)));
      }
    }
  }

  void paint(Image& image, Rgb colour, double opacity) const {
    const uint8_t channels[] = {colour.r, colour.g, colour.b};
    for (size_t i = 0; i < values_.size(); ++i) {
      if (values_[i] == 0) continue;
      for (size_t c = 0; c < 3; ++c) {
        double old = image.rgb[3 * i + c];
        image.rgb[3 * i + c] = static_cast<uint8_t>(old + opacity * values_[i] * (channels[c] - old) + 0.5);
      }
    }
  }

 private:
  static int64_t clamped(double edge, int64_t limit) {
    return static_cast<int64_t>(std::clamp(std::ceil(edge), 0.0, static_cast<double>(limit)));
  }

  int64_t width_, height_;
  std::vector<double> values_;
};

void add_dashed(Coverage& coverage, PixelPoint a, PixelPoint b, double half_width) {
  double length = std::hypot(b.x - a.x, b.y - a.y);
  auto at = [&](double s) { return PixelPoint{a.x + (b.x - a.x) * s / length, a.y + (b.y - a.y) * s / length}; };
  for (double s = 0; s < length; s += 11) coverage.add_segment(at(s), at(std::min(s + 6, length)), half_width);
}

// Straight lines of whole width stand on whole pixels, so that grid and axes are crisp.
PixelPoint snapped(PixelPoint p) { return {std::floor(p.x) + 0.5, std::floor(p.y) + 0.5}; }

void draw(Image& image, const PlotLine& line) {
  Coverage coverage(image.width, image.height);
  for (size_t i = 1; i < line.points.size(); ++i) {
    PixelPoint a = line.points[i - 1], b = line.points[i];
    if (a.x == b.x || a.y == b.y) a = snapped(a), b = snapped(b);
    if (line.dashed) {
      add_dashed(coverage, a, b, line.width / 2);
    } else {
      coverage.add_segment(a, b, line.width / 2);
    }
  }
  coverage.paint(image, line.colour, line.opacity);
}

// A quarter turn to the left.
void draw_upright(Image& image, const PlotText& text, int64_t scale) {
  int64_t length = text_width(text.text, scale), depth = scale * (kLetterHeight + 2);
  Image flat(length, depth);
  std::fill(flat.rgb.begin(), flat.rgb.end(), uint8_t{255});
  draw_text(flat, 0, 0, text.text, text.colour, scale);
  int64_t left = std::llround(text.x) - scale * kLetterHeight, bottom = std::llround(text.y) + length / 2;
  for (int64_t y = 0; y < depth; ++y) {
    for (int64_t x = 0; x < length; ++x) {
      int64_t to_y = bottom - x, to_x = left + y;
      if (to_y < 0 || to_y >= image.height || to_x < 0 || to_x >= image.width) continue;
      std::copy_n(flat.pixel(y, x), 3, image.pixel(to_y, to_x));
    }
  }
}

void draw(Image& image, const PlotText& text) {
  if (text.text.empty()) return;
  int64_t scale = text.heading ? 3 : 2;
  if (text.upright) return draw_upright(image, text, scale);
  int64_t width = text_width(text.text, scale), left = std::llround(text.x);
  if (text.anchor == Anchor::middle) left -= width / 2;
  if (text.anchor == Anchor::end) left -= width;
  draw_text(image, left, std::llround(text.y) - scale * kLetterHeight, text.text, text.colour, scale);
}

}  // namespace

Image plot_image(const std::vector<Curve>& curves, const PlotOptions& options) {
  PlotLayout plot = lay_out_plot(curves, options);
  Image image(plot.width, plot.height);
  std::fill(image.rgb.begin(), image.rgb.end(), uint8_t{255});
  for (const PlotLine& line : plot.lines) draw(image, line);
  for (const PlotText& text : plot.texts) draw(image, text);
  return image;
}

}  // namespace cuunet
