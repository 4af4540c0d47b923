// What the training loop needs to know of the thing it trains. One network with one loss is one task; networks that
// train against each other are another; the loop (trainer.h) is the same.
//
// A task is a function of its recipe, its data and the position in the run: whoever begins stage s, restores the
// tensors and begins epoch e at step k goes on with the same bits as a task that ran there without a pause.
#pragma once

#include "tools/training/checkpoint.h"
#include "tools/training/progress_line.h"

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace cuunet {

struct StagePlan {
  std::string label;  // "64 px frozen"
  int epochs = 1;
  int64_t steps_per_epoch = 1;
  int64_t images_per_step = 1;
  double work_per_step = 1;  // of any unit, the same for all stages; pixels, say
  int patience = 0;          // see EarlyStop
};

struct StepReport {
  Losses losses;                         // of this step's batch, the whole first
  std::vector<double> learning_rates{};  // per parameter group
  double beta1 = 0;
  bool finite = true;  // false: loss or gradients were not, and nothing was updated
};

class TrainingTask {
 public:
  virtual ~TrainingTask() = default;

  virtual std::vector<StagePlan> plan() const = 0;
  // The weights go on from the stage before; optimiser and schedule start anew.
  virtual void begin_stage(int stage) = 0;
  virtual void begin_epoch(int epoch, int64_t first_step) = 0;
  virtual StepReport step() = 0;
  // After a step that was not finite: does it again, looking, and says where the first such value is
  // ("layers.4.conv1.0: the output holds NaN").
  virtual std::string explain_fault() = 0;

  virtual Losses validate() = 0;  // empty when there is nothing to validate on
  // Pictures of how far it is, for the eyes: into the folder, named by the number of epochs done in the whole run.
  virtual void show(const std::filesystem::path& folder, int epochs_done) = 0;

  // What checkpoints hold, and what resuming overwrites; the optimiser's belong to the stage that has begun.
  virtual std::vector<NamedTensor> network_tensors() = 0;
  virtual std::vector<NamedTensor> optimizer_tensors() = 0;
  virtual std::map<std::string, std::string> file_metadata() const { return {}; }  // of checkpoints
  virtual void write_network(const std::filesystem::path& path) = 0;               // for use, when training is done
};

}  // namespace cuunet
