#include "tools/training/progress_line.h"

#include "tools/training/early_stop.h"
#include "tools/training/interruption.h"

#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace cuunet {
namespace {

Progress example() {
  return {.stage = 0,
          .stages = 5,
          .stage_label = "64 px frozen",
          .epoch = 2,
          .epochs = 50,
          .step = 12,
          .steps = 147,
          .images_per_second = 83.14,
          .seconds_left = 761,
          .losses = {{"loss", 7.2344}, {"pixel", 0.512}, {"feat_0", 0.25}}};
}

std::string written(bool terminal, bool colour) {
  std::FILE* file = std::tmpfile();
  {
    ProgressLine line(file, terminal, colour);
    line.show(example(), true);
    line.show(example());  // too soon: not shown
    line.note("saved");
  }
  std::string text(static_cast<size_t>(std::ftell(file)), '\0');
  std::rewind(file);
  CHECK(std::fread(text.data(), 1, text.size(), file) == text.size());
  std::fclose(file);
  return text;
}

const std::string line_text =
    "stage 1/5 64 px frozen | epoch 3/50 | step 12/147 | 83.1 images/s | 12:41 left | loss 7.234 (pixel 0.512 feat_0 "
    "0.25)";

TEST_CASE("progress_line: one line says how the run is going") {
  CHECK(progress_text(example()) == line_text);
  CHECK(duration_text(7.2) == "0:07");
  CHECK(duration_text(11109) == "3:05:09");
}

TEST_CASE("progress_line: plain lines in a pipe, one updating line on a terminal") {
  CHECK(written(false, false) == line_text + "\nsaved\n");
  CHECK(written(true, false) == "\r" + line_text + "\x1b[K\rsaved\x1b[K\n");
  CHECK(written(true, true) == "\r\x1b[36m" + line_text + "\x1b[0m\x1b[K\rsaved\x1b[K\n");
}

TEST_CASE("early_stop: patience counts epochs without a better loss") {
  EarlyStop stop(2);
  CHECK(stop.improves(3));
  CHECK(!stop.improves(3));
  CHECK(!stop.levelled_off());
  CHECK(stop.improves(2));
  CHECK(!stop.improves(std::nan("")));
  EarlyStop resumed(2);
  resumed.restore(nlohmann::json::parse(stop.state().dump()));
  CHECK(!resumed.improves(2.5));
  CHECK(resumed.levelled_off());
  CHECK(resumed.best() == 2);
  EarlyStop never(0);
  for (int epoch = 0; epoch < 9; ++epoch) never.improves(1);
  CHECK(!never.levelled_off());
}

TEST_CASE("interruption: a signal is remembered, and handled as before afterwards") {
  auto ignore = std::signal(SIGTERM, SIG_IGN);
  for (int signal : {SIGINT, SIGTERM}) {
    Interruption interruption;
    CHECK(!Interruption::requested());
    std::raise(signal);
    CHECK(Interruption::requested());
  }
  CHECK((std::signal(SIGTERM, ignore) == SIG_IGN));
}

}  // namespace
}  // namespace cuunet
