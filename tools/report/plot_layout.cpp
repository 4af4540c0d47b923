#include "tools/report/plot_layout.h"

#include "kernels/device/error.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace cuunet {

namespace {

constexpr std::array<Rgb, 7> kPalette{
    {{31, 111, 178}, {226, 116, 44}, {54, 148, 84}, {198, 56, 62}, {126, 88, 176}, {134, 92, 66}, {30, 160, 170}}};
constexpr Rgb kInk{40, 40, 44}, kPale{110, 110, 118}, kAxis{120, 120, 128}, kGrid{228, 228, 233}, kMark{160, 160, 170};

struct Range {
  double low, high;
};

struct Axes {
  Range x, y;
  bool log_y;
  double left, right, top, bottom;  // of the frame, in pixels

  double place_x(double value) const { return left + (value - x.low) / (x.high - x.low) * (right - left); }
  double place_y(double value) const {
    double t = log_y ? std::log(value / y.low) / std::log(y.high / y.low) : (value - y.low) / (y.high - y.low);
    return bottom - t * (bottom - top);
  }
};

bool drawable(double x, double y, bool log_y) { return std::isfinite(x) && std::isfinite(y) && (!log_y || y > 0); }

Range widened(Range range, bool log) {
  if (range.low > range.high) return log ? Range{0.1, 1} : Range{0, 1};  // nothing to draw
  if (log) {
    double margin = std::max(std::pow(range.high / range.low, 0.04), 1.05);
    return {range.low / margin, range.high * margin};
  }
  double span = range.high - range.low;
  // What differs in its last digits only is one value.
  double size = std::max(std::abs(range.low), std::abs(range.high));
  if (span <= 1e-9 * size) span = std::max(size, 1e-12);
  double low = range.low - 0.05 * span;
  return {range.low >= 0 && low < 0 ? 0 : low, range.high + 0.05 * span};  // no axis below zero for what never is
}

bool has_legend(const std::vector<Curve>& curves) {
  return std::any_of(curves.begin(), curves.end(), [](const Curve& curve) { return !curve.name.empty(); });
}

Axes axes_of(const std::vector<Curve>& curves, const PlotOptions& options) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Range x{kInfinity, -kInfinity}, y = x;
  for (const Curve& curve : curves) {
    for (size_t i = 0; i < curve.x.size(); ++i) {
      if (!drawable(curve.x[i], curve.y[i], options.log_y)) continue;
      x = {std::min(x.low, curve.x[i]), std::max(x.high, curve.x[i])};
      y = {std::min(y.low, curve.y[i]), std::max(y.high, curve.y[i])};
    }
  }
  if (x.low > x.high) x = {0, 1};
  if (x.low == x.high) x.high = x.low + 1;
  Axes axes{x, widened(y, options.log_y), options.log_y, 0, 0, 0, 0};
  axes.left = options.y_label.empty() ? 86 : 108;
  axes.right = static_cast<double>(options.width) - 24;
  axes.top = (options.title.empty() ? 28 : 58) + (has_legend(curves) ? 26 : 0);
  axes.bottom = static_cast<double>(options.height) - (options.x_label.empty() ? 44 : 72);
  return axes;
}

std::string number(double value) { return fmt::format("{:.6g}", std::abs(value) < 1e-300 ? 0.0 : value); }

void add_axes(PlotLayout& plot, const Axes& axes, const PlotOptions& options) {
  std::vector<double> y_ticks =
      axes.log_y ? log_ticks(axes.y.low, axes.y.high) : linear_ticks(axes.y.low, axes.y.high, 6);
  for (double tick : y_ticks) {
    double y = axes.place_y(tick);
    plot.lines.push_back({{{axes.left, y}, {axes.right, y}}, kGrid, 1});
    plot.texts.push_back({axes.left - 10, y + 5, number(tick), Anchor::end, kPale});
  }
  for (double tick : linear_ticks(axes.x.low, axes.x.high, 8)) {
    double x = axes.place_x(tick);
    plot.lines.push_back({{{x, axes.top}, {x, axes.bottom}}, kGrid, 1});
    plot.lines.push_back({{{x, axes.bottom}, {x, axes.bottom + 5}}, kAxis, 1});
    plot.texts.push_back({x, axes.bottom + 24, number(tick), Anchor::middle, kPale});
  }
  for (const Mark& mark : options.marks) {
    double x = axes.place_x(mark.x);
    if (x < axes.left || x > axes.right) continue;
    plot.lines.push_back({{{x, axes.top}, {x, axes.bottom}}, kMark, 1.5, 1, true});
    plot.texts.push_back({x + 6, axes.bottom - 10, mark.label, Anchor::start, kPale});
  }
  plot.lines.push_back({{{axes.left, axes.top}, {axes.left, axes.bottom}, {axes.right, axes.bottom}}, kAxis, 1.5});
  double width = static_cast<double>(plot.width), height = static_cast<double>(plot.height);
  double middle = (axes.left + axes.right) / 2;
  plot.texts.push_back({width / 2, 34, options.title, Anchor::middle, kInk, true});
  plot.texts.push_back({middle, height - 18, options.x_label, Anchor::middle, kInk});
  plot.texts.push_back({28, (axes.top + axes.bottom) / 2, options.y_label, Anchor::middle, kInk, false, true});
}

// At most the first, lowest, highest and last point of each pixel column, in their order.
std::vector<PixelPoint> thinned(const std::vector<PixelPoint>& points) {
  std::vector<PixelPoint> kept;
  for (size_t begin = 0, end; begin < points.size(); begin = end) {
    size_t low = begin, high = begin;
    for (end = begin; end < points.size() && std::floor(points[end].x) == std::floor(points[begin].x); ++end) {
      if (points[end].y > points[low].y) low = end;
      if (points[end].y < points[high].y) high = end;
    }
    std::array<size_t, 4> chosen{begin, std::min(low, high), std::max(low, high), end - 1};
    for (size_t i = 0; i < chosen.size(); ++i) {
      if (i == 0 || chosen[i] != chosen[i - 1]) kept.push_back(points[chosen[i]]);
    }
  }
  return kept;
}

void add_curve(PlotLayout& plot, const Axes& axes, const Curve& curve, Rgb colour) {
  PlotLine line{{}, colour, curve.faint ? 1.2 : 2.4, curve.faint ? 0.35 : 1.0};
  auto finish = [&] {
    if (line.points.size() == 1) line.points.push_back({line.points[0].x + 2, line.points[0].y});  // a dot
    if (line.points.size() > 1) {
      plot.lines.push_back(line);
      plot.lines.back().points = thinned(line.points);
    }
    line.points.clear();
  };
  for (size_t i = 0; i < curve.x.size(); ++i) {
    if (drawable(curve.x[i], curve.y[i], axes.log_y)) {
      line.points.push_back({axes.place_x(curve.x[i]), axes.place_y(curve.y[i])});
    } else {
      finish();
    }
  }
  finish();
}

// One line of names above the frame, where no curve can run through them.
void add_legend(PlotLayout& plot, const Axes& axes, const std::vector<Curve>& curves, const std::vector<Rgb>& colours) {
  constexpr double kSample = 28, kGap = 8, kBetween = 28;
  auto width_of = [&](const Curve& curve) { return kSample + kGap + static_cast<double>(text_width(curve.name, 2)); };
  double total = -kBetween;
  for (const Curve& curve : curves) total += curve.name.empty() ? 0 : width_of(curve) + kBetween;
  double x = (axes.left + axes.right - total) / 2, y = axes.top - 14;
  for (size_t i = 0; i < curves.size(); ++i) {
    if (curves[i].name.empty()) continue;
    plot.lines.push_back({{{x, y - 6}, {x + kSample, y - 6}}, colours[i], 3, curves[i].faint ? 0.45 : 1.0});
    plot.texts.push_back({x + kSample + kGap, y, curves[i].name, Anchor::start, kInk});
    x += width_of(curves[i]) + kBetween;
  }
}

}  // namespace

PlotLayout lay_out_plot(const std::vector<Curve>& curves, const PlotOptions& options) {
  if (options.width < 200 || options.height < 150) {
    throw UsageError("plot: expected at least 200 x 150 pixels, got {} x {}", options.width, options.height);
  }
  for (const Curve& curve : curves) {
    if (curve.x.size() != curve.y.size()) {
      throw UsageError("plot: curve '{}': expected as many x as y, got {} and {}", curve.name, curve.x.size(),
                       curve.y.size());
    }
  }
  PlotLayout plot{options.width, options.height, {}, {}};
  Axes axes = axes_of(curves, options);
  add_axes(plot, axes, options);
  std::vector<Rgb> colours;
  size_t next = 0;
  for (const Curve& curve : curves) {
    colours.push_back(kPalette[next % kPalette.size()]);
    add_curve(plot, axes, curve, colours.back());
    if (!curve.faint) ++next;
  }
  add_legend(plot, axes, curves, colours);
  return plot;
}

Curve smoothed(const Curve& curve, double keep) {
  Curve result{curve.name, {}, {}};
  double mean = 0, weight = 0;
  for (size_t i = 0; i < curve.x.size(); ++i) {
    if (!std::isfinite(curve.y[i])) continue;
    mean = keep * mean + (1 - keep) * curve.y[i];
    weight = keep * weight + (1 - keep);
    result.x.push_back(curve.x[i]);
    result.y.push_back(mean / weight);
  }
  return result;
}

}  // namespace cuunet
