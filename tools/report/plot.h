// Curves over steps: losses, learning rates. One layout, drawn as SVG or as pixels.
#pragma once

#include "engine/io/image.h"

#include <string>
#include <vector>

namespace cuunet {

struct Curve {
  std::string name;          // in the legend; a curve without a name is not listed there
  std::vector<double> x, y;  // of one length; a y that is not finite, or not positive on a log scale, leaves a gap
  bool faint = false;        // drawn thin and pale, in the colour of the next curve that isn't: noise behind its mean
};

struct Mark {
  double x;
  std::string label;
};

struct PlotOptions {
  std::string title, x_label, y_label;
  bool log_y = false;
  std::vector<Mark> marks;  // upright lines, as where a stage begins
  int64_t width = 960, height = 540;
};

// UsageError for a curve whose x and y differ in length, or a plot below 200 x 150 pixels.
// Curves without a single point to draw give empty axes.
std::string plot_svg(const std::vector<Curve>& curves, const PlotOptions& options);
Image plot_image(const std::vector<Curve>& curves, const PlotOptions& options);

// The running mean of a noisy curve, m ← m + (1 - keep)·(y - m), corrected for its start as Adam's moments are.
Curve smoothed(const Curve& curve, double keep = 0.95);

// Round numbers from low to high, about `count` of them: steps of 1, 2 or 5 times a power of ten. On a log scale the
// powers of ten, with their doubles and fivefolds where there are few.
std::vector<double> linear_ticks(double low, double high, int count);
std::vector<double> log_ticks(double low, double high);

}  // namespace cuunet
