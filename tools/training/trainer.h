// The training loop: stages of epochs of steps, with a log, checkpoints, early stopping, and an end that can come at
// any moment. A run folder holds
//   log.jsonl               a line per step and per epoch
//   sheets/                 what TrainingTask::show makes after each epoch
//   checkpoints/            see CheckpointFolder; "best" is the best of the stage it is from
//   model.safetensors       the network, when the run is done
#pragma once

#include "kernels/device/error.h"
#include "tools/report/log.h"
#include "tools/training/early_stop.h"
#include "tools/training/training_position.h"
#include "tools/training/training_task.h"

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

namespace cuunet {

struct TrainerOptions {
  std::filesystem::path run_folder;
  int checkpoint_every_steps = 200;   // 0: after epochs only
  int keep_epochs = 0;                // every Nth epoch's checkpoint stays; 0: none
  nlohmann::json identity;            // what decides the run's bits; kept in the checkpoints, must be equal to resume
  bool allow_different_bits = false;  // resume although the identity differs
  std::function<bool()> stop_requested = [] { return false; };
  std::function<void()> after_epoch{};  // when the epoch is logged: curves, notes
};

enum class TrainingEnd { finished, interrupted };

// A loss or gradient that is not finite. The message says where, and which checkpoint is the last good one.
class TrainingFault : public Error {
 public:
  using Error::Error;
};

class Trainer {
 public:
  Trainer(TrainingTask& task, TrainerOptions options, ProgressLine& progress);

  // Goes on from the run folder's newest good checkpoint; run() then continues there. Without one (a run that ended
  // before its first) it begins at the beginning. FileError: every checkpoint is damaged. UsageError: another identity.
  void resume();
  TrainingEnd run();

  const TrainingPosition& position() const { return position_; }
  const Losses& last_validation() const { return last_validation_; }

 private:
  bool run_stage();
  bool run_epoch(const StagePlan& plan);
  void take_step(const StagePlan& plan);
  void end_epoch(const StagePlan& plan);
  void save(const CheckpointFolder::Names& names, bool between_stages);
  void wait_for_save();
  void require_finite(const std::vector<NamedTensor>& tensors);
  void require_finite(const Losses& validation);
  std::string last_good_checkpoint() const;
  void restore_resumed();
  void log_step(const StepReport& report);
  void log_epoch(const Losses& training, const Losses& validation);
  void show_progress(const StagePlan& plan, const Losses& losses, double seconds);
  double work_left() const;
  [[noreturn]] void stop_at_fault(const StepReport& report);
  void finish();

  TrainingTask& task_;
  TrainerOptions options_;
  ProgressLine& progress_;
  std::vector<StagePlan> stages_;
  CheckpointFolder checkpoints_;
  std::optional<LogWriter> log_;
  std::future<void> saving_;             // the checkpoint that is being written
  std::unique_ptr<Checkpoint> resumed_;  // until its stage has begun
  TrainingPosition position_;
  EarlyStop early_stop_;
  Losses epoch_sums_, last_validation_;
  int64_t steps_timed_ = 0;
  double seconds_per_work_ = 0, images_per_second_ = 0;
};

}  // namespace cuunet
