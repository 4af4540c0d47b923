#include "tools/training/trainer.h"

#include "engine/device/host_context.h"
#include "kernels/device/philox.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

struct Crash {};

// A task as small as one can be: a weight that follows draws of a random number, with momentum.
class WalkTask final : public TrainingTask {
 public:
  WalkTask(Context& context, std::vector<StagePlan> stages)
      : stages_(std::move(stages)),
        weight(Tensor::zeros(context, {1}, DType::f64)),
        momentum_(Tensor::zeros(context, {1}, DType::f64)) {}

  std::vector<StagePlan> plan() const override { return stages_; }
  void begin_stage(int stage) override {
    stage_ = stage;
    momentum_.assign(std::vector<double>{0});
  }
  void begin_epoch(int epoch, int64_t first_step) override {
    epoch_ = epoch;
    step_ = first_step;
  }
  StepReport step() override {
    if (steps_until_crash-- == 0) throw Crash{};
    RandomStream random(7, Purpose::shuffle, static_cast<uint32_t>(100 * stage_ + epoch_),
                        static_cast<uint32_t>(step_++));
    double momentum = 0.9 * momentum_.item() + random.normal();
    if (steps_until_fault-- == 0) return {.losses = {{"loss", std::nan("")}}, .finite = false};
    momentum_.assign(std::vector<double>{momentum});
    weight.assign(std::vector<double>{weight.item() + 0.1 * momentum});
    return {.losses = {{"loss", weight.item()}, {"part", momentum}}, .learning_rates = {0.1}, .beta1 = 0.9};
  }
  std::string explain_fault() override { return "layers.4: the output holds NaN"; }
  Losses validate() override { return {{"loss", overflows ? HUGE_VAL : levelled ? 1.0 : -epoch_}}; }
  void show(const fs::path&, int epochs_done) override { shown = epochs_done; }
  std::vector<NamedTensor> network_tensors() override { return {{"weight", weight}}; }
  std::vector<NamedTensor> optimizer_tensors() override { return {{"momentum/weight", momentum_}}; }
  void write_network(const fs::path& path) override { std::ofstream(path) << weight.item(); }

  int64_t steps_until_crash = -1, steps_until_fault = -1;
  bool levelled = false, overflows = false;
  int shown = 0;

 private:
  std::vector<StagePlan> stages_;
  int stage_ = 0, epoch_ = 0;
  int64_t step_ = 0;

 public:
  Tensor weight;

 private:
  Tensor momentum_;
};

struct Fixture {
  HostContext context{{.threads = 1}};
  fs::path run = fs::temp_directory_path() / fmt::format("cuunet_trainer_{}", getpid());
  std::FILE* sink = std::fopen("/dev/null", "w");
  ProgressLine progress{sink, false, false};
  std::vector<StagePlan> stages{{.label = "a", .epochs = 3, .steps_per_epoch = 4},
                                {.label = "b", .epochs = 2, .steps_per_epoch = 3}};

  ~Fixture() {
    fs::remove_all(run);
    std::fclose(sink);
  }
  TrainerOptions options() { return {.run_folder = run, .checkpoint_every_steps = 2, .identity = {{"threads", 1}}}; }
  WalkTask task() { return WalkTask(context, stages); }

  double uninterrupted() {
    WalkTask walk = task();
    CHECK(Trainer(walk, options(), progress).run() == TrainingEnd::finished);
    CHECK(walk.shown == 5);
    lines = log_lines();
    fs::remove_all(run);
    return walk.weight.item();
  }
  // Without what differs from run to run: the speed.
  std::vector<nlohmann::json> log_lines() {
    std::vector<nlohmann::json> read;
    std::ifstream log(run / "log.jsonl");
    for (std::string line; std::getline(log, line);) {
      read.push_back(nlohmann::json::parse(line));
      read.back().erase("images_per_second");
    }
    return read;
  }
  std::vector<nlohmann::json> lines;
};

TEST_CASE("trainer: a run that is stopped at any step goes on to the same bits") {
  Fixture f;
  double expected = f.uninterrupted();
  CHECK(f.lines.size() == 18 + 5);
  for (int64_t stop_after = 1; stop_after <= 18; ++stop_after) {
    CAPTURE(stop_after);
    int64_t checks = 0;
    TrainerOptions options = f.options();
    options.stop_requested = [&] { return ++checks == stop_after; };
    WalkTask first = f.task();
    TrainingEnd end = Trainer(first, options, f.progress).run();
    WalkTask second = f.task();
    Trainer trainer(second, f.options(), f.progress);
    trainer.resume();
    CHECK(trainer.run() == TrainingEnd::finished);
    CHECK(second.weight.item() == expected);
    CHECK(f.log_lines() == f.lines);
    CHECK((end == TrainingEnd::interrupted || stop_after > 16));
    fs::remove_all(f.run);
  }
}

TEST_CASE("trainer: a run that dies at any step goes on to the same bits") {
  Fixture f;
  double expected = f.uninterrupted();
  for (int64_t crash = 0; crash < 18; ++crash) {
    CAPTURE(crash);
    WalkTask first = f.task();
    first.steps_until_crash = crash;
    CHECK_THROWS_AS(Trainer(first, f.options(), f.progress).run(), Crash);
    WalkTask second = f.task();
    Trainer trainer(second, f.options(), f.progress);
    trainer.resume();
    CHECK(trainer.run() == TrainingEnd::finished);
    CHECK(second.weight.item() == expected);
    CHECK(f.log_lines() == f.lines);
    fs::remove_all(f.run);
  }
}

TEST_CASE("trainer: a finished run can be resumed, and is done") {
  Fixture f;
  WalkTask first = f.task();
  Trainer(first, f.options(), f.progress).run();
  fs::remove(f.run / "model.safetensors");
  WalkTask second = f.task();
  Trainer trainer(second, f.options(), f.progress);
  trainer.resume();
  CHECK(trainer.run() == TrainingEnd::finished);
  CHECK(second.weight.item() == first.weight.item());
  CHECK(fs::exists(f.run / "model.safetensors"));
}

TEST_CASE("trainer: a stage whose validation loss has levelled off ends") {
  Fixture f;
  f.stages[0].epochs = 100;
  f.stages[0].patience = 2;
  WalkTask walk = f.task();
  walk.levelled = true;
  Trainer trainer(walk, f.options(), f.progress);
  trainer.run();
  CHECK(trainer.position().epochs_done == 3 + 2);
}

TEST_CASE("trainer: a loss that is not finite stops the run with its place and the last good checkpoint") {
  Fixture f;
  WalkTask walk = f.task();
  walk.steps_until_fault = 6;
  std::string last = (f.run / "checkpoints" / "last.safetensors").string();
  CHECK_THROWS_WITH_AS(Trainer(walk, f.options(), f.progress).run(),
                       ("stage 1, epoch 2, step 3: loss or gradients are not finite (loss nan): layers.4: the output "
                        "holds NaN; the step was not made, the last good checkpoint is " +
                        last + "; try a lower learning rate in a new run")
                           .c_str(),
                       TrainingFault);
  CHECK(Checkpoint(last).state().at("position").at("steps_done") == 6);
}

TEST_CASE("trainer: a weight that is not finite stops the run before it is saved") {
  Fixture f;
  WalkTask walk = f.task();
  walk.weight.assign(std::vector<double>{std::nan("")});
  CHECK_THROWS_WITH_AS(Trainer(walk, f.options(), f.progress).run(),
                       "stage 1, epoch 1, step 0: weight holds 1 values that are not finite, of 1; there is no "
                       "checkpoint yet; try a lower learning rate in a new run",
                       TrainingFault);
  CHECK(!fs::exists(f.run / "checkpoints"));
}

TEST_CASE("trainer: a validation loss that is not finite stops the run before anything is drawn or saved") {
  Fixture f;
  WalkTask walk = f.task();
  walk.overflows = true;
  CHECK_THROWS_WITH_AS(
      Trainer(walk, f.options(), f.progress).run(),
      ("stage 1, epoch 1: the validation's loss is not finite (inf), though every weight is; "
       "the last good checkpoint is " +
       (f.run / "checkpoints" / "last.safetensors").string() + "; try a lower learning rate in a new run")
          .c_str(),
      TrainingFault);
  CHECK(walk.shown == 0);
}

TEST_CASE("trainer: another thread count is refused unless different bits are allowed") {
  Fixture f;
  WalkTask first = f.task();
  Trainer(first, f.options(), f.progress).run();
  TrainerOptions options = f.options();
  options.identity = {{"threads", 2}};
  WalkTask second = f.task();
  CHECK_THROWS_WITH_AS(Trainer(second, options, f.progress).resume(),
                       "the run was made with threads 1, this would go on with 2; --allow-different-bits goes on all "
                       "the same",
                       UsageError);
  options.allow_different_bits = true;
  CHECK_NOTHROW(Trainer(second, options, f.progress).resume());
}

}  // namespace
}  // namespace cuunet
