#include "tools/training/colorization_task.h"

#include "weights/mapping/unet_file.h"

#include <algorithm>

namespace cuunet {
namespace {

constexpr int64_t sheet_pictures = 8;

// Training leaves out the last pictures of an epoch when they don't fill a batch.
int64_t steps_of(int64_t pictures, int64_t batch) { return std::max<int64_t>(1, pictures / batch); }

}  // namespace

DynamicUnetOptions unet_options(const ModelRecipe& recipe) {
  return {.encoder = recipe.encoder,
          .norm = norm_type_named(recipe.norm),
          .blur = recipe.blur,
          .blur_final = recipe.blur_final,
          .self_attention = recipe.self_attention,
          .y_range = recipe.y_range,
          .last_cross = recipe.last_cross,
          .bottleneck = recipe.bottleneck,
          .fastai = fastai_version_named(recipe.fastai),
          .decoder = decoder_named(recipe.decoder),
          .decoder_width = recipe.decoder_width};
}

AdamSettings adam_settings(const OptimizerRecipe& recipe) {
  return {.beta2 = recipe.beta2, .epsilon = recipe.epsilon, .weight_decay = recipe.weight_decay};
}

ColorizationTask::ColorizationTask(DynamicUnet& network, Loss& loss, const Recipe& recipe, BatchSource& training,
                                   BatchSource* validation, DrawSheet draw_sheet)
    : network_(network),
      loss_(loss),
      recipe_(recipe),
      training_(training),
      validation_(validation),
      draw_sheet_(std::move(draw_sheet)),
      features_(recipe.precision == "bf16" ? DType::bf16 : DType::f32) {}

StagePlan ColorizationTask::plan_of(const StageRecipe& stage) const {
  int64_t images = std::min<int64_t>(stage.batch, training_.pictures());
  return {.label = fmt::format("{} px{}", stage.size, stage.frozen ? " frozen" : ""),
          .epochs = stage.epochs,
          .steps_per_epoch = steps_of(training_.pictures(), stage.batch),
          .images_per_step = images,
          .work_per_step = static_cast<double>(images) * stage.size * stage.size,
          .patience = stage.patience};
}

std::vector<StagePlan> ColorizationTask::plan() const {
  std::vector<StagePlan> plans;
  for (const StageRecipe& stage : recipe_.stages) plans.push_back(plan_of(stage));
  return plans;
}

void ColorizationTask::begin_stage(int number) {
  stage_ = number;
  network_.set_training(true);
  network_.set_encoder_frozen(stage().frozen);
  std::vector<ParameterGroup> groups = parameter_groups(network_);
  StagePlan plan = plan_of(stage());
  OneCycle schedule{.group_max = stage().learning_rate.of_groups(static_cast<int>(groups.size())),
                    .total_steps = plan.epochs * plan.steps_per_epoch,
                    .pct_start = stage().pct_start,
                    .momentum_high = recipe_.optimizer.momentum_high,
                    .momentum_low = recipe_.optimizer.momentum_low};
  step_ = std::make_unique<TrainingStep>(network_, loss_, std::move(groups), adam_settings(recipe_.optimizer), schedule,
                                         features_);
}

void ColorizationTask::begin_epoch(int epoch, int64_t first_step) {
  step_->set_steps_done(epoch * plan_of(stage()).steps_per_epoch + first_step);
  int64_t epoch_of_run = epoch;
  for (int s = 0; s < stage_; ++s) epoch_of_run += recipe_.stages[static_cast<size_t>(s)].epochs;
  training_.begin({stage().size, stage().batch, epoch_of_run, first_step});
}

StepReport ColorizationTask::step() {
  batch_ = training_.next();
  return step_->run(batch_.input, batch_.target, [this] { training_.load_ahead(); });
}

std::string ColorizationTask::explain_fault() { return step_->explain_fault(batch_.input, batch_.target); }

Losses ColorizationTask::validate() {
  if (validation_ == nullptr || validation_->pictures() == 0) return {};
  ModeScope eval(network_, false);
  validation_->begin({.size = stage().size, .batch = stage().batch});
  Losses sums;
  for (int64_t seen = 0; seen < validation_->pictures();) {
    ColorPair batch = validation_->next();
    int64_t images = batch.input.shape()[0];
    Losses losses = step_->evaluate(batch.input, batch.target);
    if (sums.empty()) {
      for (const auto& [name, value] : losses) sums.emplace_back(name, 0);
    }
    for (size_t i = 0; i < sums.size(); ++i) sums[i].second += losses[i].second * static_cast<double>(images);
    seen += images;
  }
  for (auto& [name, sum] : sums) sum /= static_cast<double>(validation_->pictures());
  return sums;
}

void ColorizationTask::show(const std::filesystem::path& folder, int epochs_done) {
  if (validation_ == nullptr || validation_->pictures() == 0 || !draw_sheet_) return;
  ModeScope eval(network_, false);
  validation_->begin({.size = stage().size, .batch = std::min(sheet_pictures, validation_->pictures())});
  ColorPair batch = validation_->next();
  make_folder(folder);
  draw_sheet_(folder / fmt::format("epoch_{:04}.png", epochs_done), batch.input, step_->predict(batch.input),
              batch.target);
}

std::vector<NamedTensor> ColorizationTask::network_tensors() {
  std::vector<NamedTensor> tensors;
  for (StateEntry& entry : network_.state()) tensors.push_back({entry.name, entry.value});
  return tensors;
}

std::vector<NamedTensor> ColorizationTask::optimizer_tensors() { return step_->optimizer_tensors(); }

std::map<std::string, std::string> ColorizationTask::file_metadata() const {
  return {{unet_metadata_key, description_text({network_.options(), stage().size})}};
}

void ColorizationTask::write_network(const std::filesystem::path& path) {
  save_unet(network_, recipe_.stages.back().size, path);
}

}  // namespace cuunet
