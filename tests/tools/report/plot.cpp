#include "tools/report/plot.h"

#include "kernels/device/error.h"
#include "tools/report/plot_layout.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace cuunet {

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

bool has_text(const PlotLayout& plot, const std::string& text) {
  return std::any_of(plot.texts.begin(), plot.texts.end(), [&](const PlotText& t) { return t.text == text; });
}

// The lines in the colour of the first curve, without its sample in the legend.
std::vector<PlotLine> lines_of_first_curve(const PlotLayout& plot) {
  std::vector<PlotLine> lines;
  for (const PlotLine& line : plot.lines) {
    if (line.colour.r == 31 && line.width == 2.4) lines.push_back(line);
  }
  return lines;
}

}  // namespace

TEST_CASE("plot: ticks are round numbers") {
  CHECK(linear_ticks(0, 1, 5) == std::vector<double>{0, 0.2, 0.4, 0.6000000000000001, 0.8, 1});
  CHECK(linear_ticks(13, 48, 4) == std::vector<double>{20, 30, 40});
  CHECK(log_ticks(0.5, 2000) == std::vector<double>{1, 10, 100, 1000});
  CHECK(log_ticks(0.9, 6) == std::vector<double>{1, 2, 5});
}

TEST_CASE("plot: larger is higher, later is farther right, on both scales") {
  for (bool log_y : {false, true}) {
    PlotOptions options;
    options.log_y = log_y;
    PlotLayout plot = lay_out_plot({{"loss", {0, 50, 100}, {1, 10, 100}}}, options);
    auto lines = lines_of_first_curve(plot);
    REQUIRE(lines.size() == 1);
    auto& p = lines[0].points;
    REQUIRE(p.size() == 3);
    CHECK(p[0].x < p[1].x);
    CHECK(p[1].x - p[0].x == doctest::Approx(p[2].x - p[1].x));
    CHECK(p[0].y > p[1].y);
    CHECK(p[1].y > p[2].y);
    bool even = std::abs((p[0].y - p[1].y) - (p[1].y - p[2].y)) < 1e-6;
    CHECK(even == log_y);
    CHECK(has_text(plot, "loss"));
  }
}

TEST_CASE("plot: what cannot be drawn leaves a gap") {
  PlotOptions options;
  CHECK(lines_of_first_curve(lay_out_plot({{"a", {0, 1, 2, 3, 4}, {1, 2, kNan, 2, 1}}}, options)).size() == 2);
  options.log_y = true;
  CHECK(lines_of_first_curve(lay_out_plot({{"a", {0, 1, 2, 3, 4}, {1, 2, 0, 2, 1}}}, options)).size() == 2);
  CHECK(lines_of_first_curve(lay_out_plot({{"a", {0, 1}, {kNan, -1}}}, options)).empty());
  CHECK_THROWS_AS(lay_out_plot({{"a", {0, 1}, {1}}}, options), UsageError);
}

TEST_CASE("plot: values that differ in their last digit are one value, ticks between them none") {
  double one = 1.349226474761963, next = std::nextafter(one, 2);
  CHECK(linear_ticks(one, next, 6).size() <= 7);
  PlotLayout plot = lay_out_plot({{"a", {1, 1}, {one, next}}}, {});
  CHECK(plot.texts.size() < 40);
  CHECK(has_text(plot, "1.4"));
}

TEST_CASE("plot: a long curve is thinned to its extremes per pixel") {
  Curve curve{"a", {}, {}};
  for (int i = 0; i < 200000; ++i) {
    curve.x.push_back(i);
    curve.y.push_back(i == 77777 ? 5 : std::sin(i));
  }
  auto lines = lines_of_first_curve(lay_out_plot({curve}, {}));
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].points.size() < 4 * 960);
  double highest = 1e9, span = 0;
  for (PixelPoint p : lines[0].points) highest = std::min(highest, p.y), span = std::max(span, p.y);
  CHECK(span - highest > 300);  // the single peak is still there
}

TEST_CASE("plot: smoothing starts at the first value and forgets at its rate") {
  Curve mean = smoothed({"a", {0, 1, 2}, {4, kNan, 8}}, 0.5);
  CHECK(mean.x == std::vector<double>{0, 2});
  CHECK(mean.y[0] == 4);
  CHECK(mean.y[1] == doctest::Approx((0.25 * 4 + 0.5 * 8) / 0.75));
}

TEST_CASE("plot: SVG escapes names, pixels show the curve's colour") {
  Curve curve{"a < b & c", {0, 1}, {0.5, 0.5}};
  std::string svg = plot_svg({curve}, {});
  CHECK(svg.find("a &lt; b &amp; c") != std::string::npos);
  CHECK(svg.find("a < b") == std::string::npos);
  CHECK(svg.find("</svg>") != std::string::npos);
  Image image = plot_image({curve}, {});
  CHECK(image.width == 960);
  bool coloured = false;
  for (size_t i = 0; i < image.rgb.size(); i += 3) coloured |= image.rgb[i] == 31 && image.rgb[i + 2] == 178;
  CHECK(coloured);
  CHECK_THROWS_AS(plot_image({curve}, {"", "", "", false, {}, 100, 100}), UsageError);
}

}  // namespace cuunet
