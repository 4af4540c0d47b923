// Where everything of a plot goes, in pixels: what plot_svg and plot_image draw.
#pragma once

#include "tools/report/lettering.h"
#include "tools/report/plot.h"

namespace cuunet {

struct PixelPoint {
  double x, y;
};

struct PlotLine {
  std::vector<PixelPoint> points;
  Rgb colour;
  double width, opacity = 1;
  bool dashed = false;
};

enum class Anchor { start, middle, end };

struct PlotText {
  double x, y;  // of the base line
  std::string text;
  Anchor anchor;
  Rgb colour;
  bool heading = false;
  bool upright = false;  // reads upwards
};

struct PlotLayout {
  int64_t width, height;
  std::vector<PlotLine> lines;  // in the order of drawing
  std::vector<PlotText> texts;
};

PlotLayout lay_out_plot(const std::vector<Curve>& curves, const PlotOptions& options);

}  // namespace cuunet
