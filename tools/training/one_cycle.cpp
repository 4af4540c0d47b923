#include "tools/training/one_cycle.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>

namespace cuunet {
namespace {

double cosine(double start, double end, double part) {
  return end + (start - end) / 2 * (1 + std::cos(std::numbers::pi * part));
}

bool parse_rate(const std::string& text, double& rate) {
  if (text.find_first_not_of("0123456789.eE+- ") != std::string::npos) return false;
  char* end = nullptr;
  rate = std::strtod(text.c_str(), &end);
  while (*end == ' ') ++end;
  return end != text.c_str() && *end == '\0' && std::isfinite(rate) && rate > 0;
}

}  // namespace

std::vector<double> MaxLearningRate::of_groups(int groups) const {
  std::vector<double> rates(static_cast<size_t>(groups), stop);
  if (form == Form::slice_to) std::fill(rates.begin(), rates.end() - 1, stop / 10);
  if (form == Form::slice_between && groups > 1) {
    double factor = std::pow(stop / start, 1.0 / (groups - 1));
    for (int g = 0; g < groups; ++g) rates[static_cast<size_t>(g)] = start * std::pow(factor, g);
  }
  return rates;
}

std::string MaxLearningRate::text() const {
  switch (form) {
    case Form::number: return fmt::format("{}", stop);
    case Form::slice_to: return fmt::format("slice({})", stop);
    case Form::slice_between: return fmt::format("slice({}, {})", start, stop);
  }
  return {};
}

bool parse_learning_rate(const std::string& text, MaxLearningRate& rate) {
  if (!text.starts_with("slice(") || !text.ends_with(")")) {
    rate = {.form = MaxLearningRate::Form::number};
    return parse_rate(text, rate.stop);
  }
  std::string inside = text.substr(6, text.size() - 7);
  size_t comma = inside.find(',');
  if (comma == std::string::npos) {
    rate = {.form = MaxLearningRate::Form::slice_to};
    return parse_rate(inside, rate.stop);
  }
  rate = {.form = MaxLearningRate::Form::slice_between};
  return parse_rate(inside.substr(0, comma), rate.start) && parse_rate(inside.substr(comma + 1), rate.stop);
}

OneCycle::Step OneCycle::at(int64_t step) const {
  auto rising = static_cast<int64_t>(static_cast<double>(total_steps) * pct_start);
  int64_t top = std::max<int64_t>(1, rising);
  bool falls = step > top;
  double part = falls ? static_cast<double>(step - top) / static_cast<double>(total_steps - rising)
                      : static_cast<double>(step) / static_cast<double>(top);
  Step result;
  for (double max : group_max) {
    result.learning_rates.push_back(falls ? cosine(max, max / final_div, part) : cosine(max / div_factor, max, part));
  }
  result.beta1 = falls ? cosine(momentum_low, momentum_high, part) : cosine(momentum_high, momentum_low, part);
  return result;
}

}  // namespace cuunet
