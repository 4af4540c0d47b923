#include "tools/report/plot_layout.h"

#include <fmt/format.h>

namespace cuunet {

namespace {

std::string escaped(const std::string& text) {
  std::string result;
  for (char c : text) {
    switch (c) {
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '&': result += "&amp;"; break;
      default: result += c;
    }
  }
  return result;
}

std::string hex(Rgb c) { return fmt::format("#{:02x}{:02x}{:02x}", c.r, c.g, c.b); }

std::string element(const PlotLine& line) {
  std::string points;
  for (const PixelPoint& p : line.points) points += fmt::format("{}{:.1f},{:.1f}", points.empty() ? "" : " ", p.x, p.y);
  return fmt::format(
      "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{:g}\" stroke-opacity=\"{:g}\""
      " stroke-linejoin=\"round\"{}/>\n",
      points, hex(line.colour), line.width, line.opacity, line.dashed ? " stroke-dasharray=\"6 5\"" : "");
}

std::string element(const PlotText& text) {
  static const char* const anchors[] = {"start", "middle", "end"};
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" fill=\"{}\"{}{}>{}</text>\n", text.x, text.y,
                     anchors[static_cast<int>(text.anchor)], hex(text.colour),
                     text.heading ? " font-size=\"20\" font-weight=\"600\"" : "",
                     text.upright ? fmt::format(" transform=\"rotate(-90 {:.1f} {:.1f})\"", text.x, text.y) : "",
                     escaped(text.text));
}

}  // namespace

std::string plot_svg(const std::vector<Curve>& curves, const PlotOptions& options) {
  PlotLayout plot = lay_out_plot(curves, options);
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\""
      " font-family=\"system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif\" font-size=\"15\">\n"
      "<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n",
      plot.width, plot.height);
  for (const PlotLine& line : plot.lines) svg += element(line);
  for (const PlotText& text : plot.texts) {
    if (!text.text.empty()) svg += element(text);
  }
  return svg + "</svg>\n";
}

}  // namespace cuunet
