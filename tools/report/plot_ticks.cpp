#include "tools/report/plot.h"

#include <cmath>

namespace cuunet {

std::vector<double> linear_ticks(double low, double high, int count) {
  double rough = (high - low) / count, power = std::pow(10, std::floor(std::log10(rough))), ratio = rough / power;
  double step = power * (ratio <= 1 ? 1 : ratio <= 2 ? 2 : ratio <= 5 ? 5 : 10);
  double first = std::ceil(low / step - 1e-9), last = std::floor(high / step + 1e-9);
  if (!(std::abs(first) < 1e15 && std::abs(last) < 1e15)) return {};  // no doubles between low and high to stand on
  std::vector<double> ticks;
  for (double i = first; i <= last; i += 1) ticks.push_back(i * step);
  return ticks;
}

std::vector<double> log_ticks(double low, double high) {
  std::vector<double> ticks;
  double decades = std::log10(high / low);
  for (double exponent = std::floor(std::log10(low)); exponent <= std::ceil(std::log10(high)); exponent += 1) {
    for (double factor : {1.0, 2.0, 5.0}) {
      if (factor > 1 && decades > 2.5) continue;
      double tick = factor * std::pow(10, exponent);
      if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)) ticks.push_back(tick);
    }
  }
  return ticks;
}

}  // namespace cuunet
