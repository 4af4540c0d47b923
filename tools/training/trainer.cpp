#include "tools/training/trainer.h"

#include "engine/io/atomic_file.h"
#include "kernels/device/error.h"
#include "tools/training/finiteness.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace cuunet {

namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

void require_same_identity(const nlohmann::json& found, const nlohmann::json& expected, bool allow,
                           ProgressLine& progress) {
  for (const auto& [key, value] : expected.items()) {
    nlohmann::json stored = found.contains(key) ? found.at(key) : nlohmann::json();
    if (stored == value) continue;
    std::string difference =
        fmt::format("the run was made with {} {}, this would go on with {}", key, stored.dump(), value.dump());
    if (!allow) throw UsageError("{}; --allow-different-bits goes on all the same", difference);
    progress.note("warning: " + difference + "; the bits will differ from a run never stopped");
  }
}

}  // namespace

Trainer::Trainer(TrainingTask& task, TrainerOptions options, ProgressLine& progress)
    : task_(task),
      options_(std::move(options)),
      progress_(progress),
      stages_(task.plan()),
      checkpoints_(options_.run_folder / "checkpoints") {}

void Trainer::resume() {
  fs::path log = options_.run_folder / "log.jsonl";
  if (checkpoints_.empty()) {
    fs::remove(log);
    return;
  }
  std::vector<std::string> complaints;
  resumed_ = std::make_unique<Checkpoint>(checkpoints_.newest(complaints));
  for (const std::string& complaint : complaints) progress_.note("warning: " + complaint);
  const nlohmann::json& state = resumed_->state();
  require_same_identity(state.at("identity"), options_.identity, options_.allow_different_bits, progress_);
  position_ = position_of(state.at("position"));
  epoch_sums_ = losses_of(state.at("epoch_sums"));
  last_validation_ = losses_of(state.at("last_validation"));
  uintmax_t log_bytes = state.at("log_bytes");
  if (fs::exists(log) && fs::file_size(log) > log_bytes) fs::resize_file(log, log_bytes);
  progress_.note(fmt::format("going on from {} ({})", resumed_->path().string(), position_.text()));
}

TrainingEnd Trainer::run() {
  make_folder(options_.run_folder);
  log_.emplace(options_.run_folder / "log.jsonl");
  while (position_.stage < static_cast<int>(stages_.size())) {
    if (run_stage()) continue;
    wait_for_save();
    return TrainingEnd::interrupted;
  }
  finish();
  return TrainingEnd::finished;
}

bool Trainer::run_stage() {
  StagePlan plan = stages_[static_cast<size_t>(position_.stage)];
  task_.begin_stage(position_.stage);
  require_finite(task_.network_tensors());
  early_stop_ = EarlyStop(plan.patience);
  if (resumed_) {
    early_stop_.restore(resumed_->state().at("early_stop"));
    restore_resumed();
  }
  int stage = position_.stage;
  while (position_.stage == stage) {
    if (!run_epoch(plan)) return false;
  }
  return true;
}

// A ReLU can hide a NaN in a weight from the loss and the gradients; it must not get into a checkpoint.
void Trainer::require_finite(const std::vector<NamedTensor>& tensors) {
  for (const NamedTensor& tensor : tensors) {
    int64_t count = not_finite(tensor.value);
    if (count == 0) continue;
    wait_for_save();
    progress_.leave_line();
    throw TrainingFault("{}: {} holds {} values that are not finite, of {}; {}", position_.text(), tensor.name, count,
                        tensor.value.elements(), last_good_checkpoint());
  }
}

void Trainer::require_finite(const Losses& validation) {
  for (const auto& [name, value] : validation) {
    if (std::isfinite(value)) continue;
    require_finite(task_.network_tensors());
    wait_for_save();
    progress_.leave_line();
    throw TrainingFault("stage {}, epoch {}: the validation's {} is not finite ({}), though every weight is; {}",
                        position_.stage + 1, position_.epoch + 1, name, value, last_good_checkpoint());
  }
}

std::string Trainer::last_good_checkpoint() const {
  std::string last = checkpoints_.empty() ? "there is no checkpoint yet"
                                          : fmt::format("the last good checkpoint is {}", checkpoints_.last().string());
  return last + "; try a lower learning rate in a new run";
}

void Trainer::restore_resumed() {
  auto restore = [&](std::string_view prefix, std::vector<NamedTensor> tensors) {
    for (NamedTensor& tensor : tensors) resumed_->restore(std::string(prefix) + tensor.name, tensor.value);
  };
  restore(network_prefix, task_.network_tensors());
  bool between_stages = position_.epoch == 0 && position_.step == 0;
  if (!between_stages) restore(optimizer_prefix, task_.optimizer_tensors());
  resumed_.reset();
}

bool Trainer::run_epoch(const StagePlan& plan) {
  task_.begin_epoch(position_.epoch, position_.step);
  while (position_.step < plan.steps_per_epoch) {
    take_step(plan);
    int every = options_.checkpoint_every_steps;
    bool due = every > 0 && position_.steps_done % every == 0;
    bool stop = options_.stop_requested();
    if (due || stop) save({}, false);
    if (stop) return false;
  }
  end_epoch(plan);
  return !options_.stop_requested() || position_.stage == static_cast<int>(stages_.size());
}

void Trainer::take_step(const StagePlan& plan) {
  Clock::time_point start = Clock::now();
  StepReport report = task_.step();
  if (!report.finite) stop_at_fault(report);
  ++position_.step;
  ++position_.steps_done;
  add(epoch_sums_, report.losses);
  log_step(report);
  show_progress(plan, report.losses, seconds_since(start));
}

void Trainer::end_epoch(const StagePlan& plan) {
  Losses training = mean(epoch_sums_, plan.steps_per_epoch);
  Losses validation = task_.validate();
  require_finite(validation);
  bool best = early_stop_.improves(validation.empty() ? training.at(0).second : validation[0].second);
  bool stage_done = position_.epoch + 1 == plan.epochs || early_stop_.levelled_off();
  log_epoch(training, validation);
  std::string text = fmt::format("stage {} {} | epoch {}/{} | train {:.4f}", position_.stage + 1, plan.label,
                                 position_.epoch + 1, plan.epochs, training.at(0).second);
  if (!validation.empty()) text += fmt::format(" | valid {:.4f}{}", validation[0].second, best ? " (best)" : "");
  if (stage_done && position_.epoch + 1 < plan.epochs) text += " | levelled off: the stage ends here";
  progress_.note(text);

  last_validation_ = validation;
  epoch_sums_.clear();
  position_.end_epoch(stage_done);
  task_.show(options_.run_folder / "sheets", position_.epochs_done);
  if (options_.after_epoch) options_.after_epoch();
  int keep = options_.keep_epochs > 0 && position_.epochs_done % options_.keep_epochs == 0 ? position_.epochs_done : 0;
  if (stage_done) early_stop_ = EarlyStop();
  save({.best = best, .keep_epoch = keep}, stage_done);
}

void Trainer::save(const CheckpointFolder::Names& names, bool between_stages) {
  fs::path log = options_.run_folder / "log.jsonl";
  nlohmann::json state{{"identity", options_.identity},
                       {"position", json_of(position_)},
                       {"early_stop", early_stop_.state()},
                       {"epoch_sums", json_of(epoch_sums_)},
                       {"last_validation", json_of(last_validation_)},
                       {"log_bytes", fs::exists(log) ? fs::file_size(log) : 0}};
  std::vector<NamedTensor> tensors;
  auto enter = [&](std::string_view prefix, const std::vector<NamedTensor>& from) {
    for (const NamedTensor& tensor : from) tensors.push_back({std::string(prefix) + tensor.name, tensor.value});
  };
  require_finite(task_.network_tensors());
  enter(network_prefix, task_.network_tensors());
  if (!between_stages) enter(optimizer_prefix, task_.optimizer_tensors());
  wait_for_save();
  CheckpointContents contents(tensors, state, task_.file_metadata());
  saving_ = std::async(std::launch::async, [this, names, at = position_.text(), contents = std::move(contents)] {
    try {
      checkpoints_.save(contents, names);
    } catch (const std::exception& error) {
      throw FileError("the checkpoint of {} could not be saved: {}; the checkpoints before it are as they were", at,
                      error.what());
    }
  });
}

// An error of the writing thread is thrown here.
void Trainer::wait_for_save() {
  if (saving_.valid()) saving_.get();
}

void Trainer::log_step(const StepReport& report) {
  nlohmann::ordered_json line{{"type", "step"},
                              {"stage", position_.stage + 1},
                              {"epoch", position_.epoch + 1},
                              {"step", position_.step},
                              {"steps_done", position_.steps_done}};
  enter(line, report.losses, "");
  line["learning_rates"] = report.learning_rates;
  line["beta1"] = report.beta1;
  log_->write(line);
}

void Trainer::log_epoch(const Losses& training, const Losses& validation) {
  nlohmann::ordered_json line{{"type", "epoch"},
                              {"stage", position_.stage + 1},
                              {"epoch", position_.epoch + 1},
                              {"steps_done", position_.steps_done}};
  enter(line, training, "train_");
  enter(line, validation, "valid_");
  line["images_per_second"] = images_per_second_;
  log_->write(line);
}

double Trainer::work_left() const {
  double work = 0;
  for (size_t s = static_cast<size_t>(position_.stage); s < stages_.size(); ++s) {
    const StagePlan& plan = stages_[s];
    int64_t steps = plan.epochs * plan.steps_per_epoch;
    if (static_cast<int>(s) == position_.stage) steps -= position_.epoch * plan.steps_per_epoch + position_.step;
    work += static_cast<double>(steps) * plan.work_per_step;
  }
  return work;
}

void Trainer::show_progress(const StagePlan& plan, const Losses& losses, double seconds) {
  // A moving average over about twenty steps. The first step prepares what the others reuse, so the second replaces it.
  ++steps_timed_;
  double weight = steps_timed_ <= 2 ? 1 : std::max(0.05, 1.0 / static_cast<double>(steps_timed_ - 1));
  seconds_per_work_ += weight * (seconds / plan.work_per_step - seconds_per_work_);
  images_per_second_ = static_cast<double>(plan.images_per_step) / (seconds_per_work_ * plan.work_per_step);
  progress_.show({.stage = position_.stage,
                  .stages = static_cast<int>(stages_.size()),
                  .stage_label = plan.label,
                  .epoch = position_.epoch,
                  .epochs = plan.epochs,
                  .step = position_.step,
                  .steps = plan.steps_per_epoch,
                  .images_per_second = images_per_second_,
                  .seconds_left = work_left() * seconds_per_work_,
                  .losses = losses});
}

void Trainer::stop_at_fault(const StepReport& report) {
  wait_for_save();
  progress_.leave_line();
  TrainingPosition bad = position_;
  ++bad.step;
  std::string loss = report.losses.empty() ? "" : fmt::format(" (loss {})", report.losses[0].second);
  throw TrainingFault("{}: loss or gradients are not finite{}: {}; the step was not made, {}", bad.text(), loss,
                      task_.explain_fault(), last_good_checkpoint());
}

void Trainer::finish() {
  wait_for_save();
  if (resumed_) restore_resumed();  // a run that had come to its end
  task_.write_network(options_.run_folder / "model.safetensors");
  progress_.leave_line();
}

}  // namespace cuunet
