// How a run is going, in one line: updated in place on a terminal, plain lines now and then elsewhere.
#pragma once

#include "tools/training/losses.h"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

namespace cuunet {

struct Progress {
  int stage = 0, stages = 1;  // counted from 0
  std::string stage_label;    // "64 px frozen"
  int epoch = 0, epochs = 1;
  int64_t step = 0, steps = 1;   // done, of this epoch
  double images_per_second = 0;  // 0: not known yet
  double seconds_left = -1;      // of the whole run; negative: not known yet
  Losses losses;
};

// "stage 1/5 64 px frozen | epoch 3/50 | step 12/147 | 83.1 images/s | 12:41 left | loss 7.234 (pixel 0.512 …)"
std::string progress_text(const Progress& progress);
std::string duration_text(double seconds);  // 0:07, 12:41, 3:05:09

class ProgressLine {
 public:
  // Writes to `out`; a terminal there gets one updating line, in dim and bold unless NO_COLOR is set.
  explicit ProgressLine(std::FILE* out);
  ProgressLine(std::FILE* out, bool terminal, bool colour) : out_(out), terminal_(terminal), colour_(colour) {}
  ~ProgressLine() { leave_line(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // Shown at most ten times a second on a terminal, else every ten seconds; `must`: in any case.
  void show(const Progress& progress, bool must = false);
  void note(const std::string& text);  // a line that stays
  void leave_line();                   // the cursor goes below the updating line

 private:
  std::FILE* out_;
  bool terminal_, colour_, on_line_ = false;
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace cuunet
