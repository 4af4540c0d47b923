// The one-cycle schedule of fastai v1: learning rates rise along a cosine for `pct_start` of the steps and fall for the
// rest, the momentum does the opposite. Smith and Topin, "Super-Convergence" (2018).
//
//   a1 = int(n·pct_start)   A = max(1, a1)   cos(s, e, p) = e + (s - e)/2 · (1 + cos πp)
//   k ≤ A:  rate = cos(max/div_factor, max, k/A)              beta1 = cos(high, low, k/A)
//   k > A:  rate = cos(max, max/final_div, (k-A)/(n-a1))      beta1 = cos(low, high, (k-A)/(n-a1))
//
// k counts from 0. The fall divides by n - a1, so the value that would follow the last step is not used.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cuunet {

// The highest learning rate of a stage, per parameter group from the input's side to the output's:
//   1e-3              the same for all groups
//   slice(1e-3)       1e-3 for the last group, a tenth of it for the others
//   slice(1e-5, 1e-3) a geometric row from the first number to the second
struct MaxLearningRate {
  enum class Form { number, slice_to, slice_between };
  Form form = Form::number;
  double start = 0;  // slice_between only
  double stop = 1e-3;

  std::vector<double> of_groups(int groups) const;
  std::string text() const;
  bool operator==(const MaxLearningRate&) const = default;
};

// Reads the three forms above; false when the text is none of them or a rate is not positive.
bool parse_learning_rate(const std::string& text, MaxLearningRate& rate);

struct OneCycle {
  std::vector<double> group_max;  // per parameter group
  int64_t total_steps = 1;
  double pct_start = 0.3;
  double momentum_high = 0.95, momentum_low = 0.85;
  double div_factor = 25, final_div = 25e4;

  struct Step {
    std::vector<double> learning_rates;  // per parameter group
    double beta1;
  };
  Step at(int64_t step) const;  // 0 … total_steps-1
};

}  // namespace cuunet
