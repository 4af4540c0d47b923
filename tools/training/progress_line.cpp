#include "tools/training/progress_line.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <string_view>

namespace cuunet {
namespace {

using namespace std::chrono_literals;

bool is_terminal(std::FILE* out) {
  const char* kind = std::getenv("TERM");
  return isatty(fileno(out)) != 0 && (kind == nullptr || std::string_view(kind) != "dumb");
}

size_t columns_of(std::FILE* out) {
  winsize size{};
  if (ioctl(fileno(out), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 120;
  return size.ws_col;
}

}  // namespace

std::string duration_text(double seconds) {
  auto total = static_cast<int64_t>(std::llround(std::max(0.0, seconds)));
  if (total >= 3600) return fmt::format("{}:{:02}:{:02}", total / 3600, total / 60 % 60, total % 60);
  return fmt::format("{}:{:02}", total / 60, total % 60);
}

std::string progress_text(const Progress& p) {
  std::string text = fmt::format("stage {}/{} {} | epoch {}/{} | step {}/{}", p.stage + 1, p.stages, p.stage_label,
                                 p.epoch + 1, p.epochs, p.step, p.steps);
  if (p.images_per_second > 0) text += fmt::format(" | {:.1f} images/s", p.images_per_second);
  if (p.seconds_left >= 0) text += fmt::format(" | {} left", duration_text(p.seconds_left));
  if (p.losses.empty()) return text;
  text += fmt::format(" | {} {:.4g}", p.losses[0].first, p.losses[0].second);
  for (size_t i = 1; i < p.losses.size(); ++i) {
    text += fmt::format("{}{} {:.3g}", i == 1 ? " (" : " ", p.losses[i].first, p.losses[i].second);
  }
  if (p.losses.size() > 1) text += ")";
  return text;
}

ProgressLine::ProgressLine(std::FILE* out)
    : ProgressLine(out, is_terminal(out), is_terminal(out) && std::getenv("NO_COLOR") == nullptr) {}

void ProgressLine::show(const Progress& progress, bool must) {
  auto now = std::chrono::steady_clock::now();
  if (!must && now < next_) return;
  next_ = now + (terminal_ ? 100ms : 10000ms);
  std::string text = progress_text(progress);
  if (!terminal_) {
    fmt::print(out_, "{}\n", text);
  } else {
    size_t columns = columns_of(out_);
    if (text.size() >= columns) text.resize(columns - 1);
    fmt::print(out_, "\r{}{}{}\x1b[K", colour_ ? "\x1b[36m" : "", text, colour_ ? "\x1b[0m" : "");
    on_line_ = true;
  }
  std::fflush(out_);
}

void ProgressLine::note(const std::string& text) {
  fmt::print(out_, "{}{}{}\n", on_line_ ? "\r" : "", text, on_line_ ? "\x1b[K" : "");
  on_line_ = false;
  std::fflush(out_);
}

void ProgressLine::leave_line() {
  if (on_line_) fmt::print(out_, "\n");
  on_line_ = false;
}

}  // namespace cuunet
