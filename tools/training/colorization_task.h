// Trains a DynamicUnet to colourise: grey in, colours out, judged by the loss of the recipe. Stages differ in size,
// batch, learning rates, and in whether the encoder trains more than its batch norms.
#pragma once

#include "layers/models/dynamic_unet.h"
#include "tools/training/batch_source.h"
#include "tools/training/recipe.h"
#include "tools/training/training_step.h"
#include "tools/training/training_task.h"

#include <functional>
#include <memory>

namespace cuunet {

DynamicUnetOptions unet_options(const ModelRecipe& recipe);
AdamSettings adam_settings(const OptimizerRecipe& recipe);

// Grey input, the network's colours and the truth of validation pictures, [N, 3, H, W] each, normalised.
using DrawSheet = std::function<void(const std::filesystem::path& file, const Tensor& input, const Tensor& prediction,
                                     const Tensor& truth)>;

class ColorizationTask final : public TrainingTask {
 public:
  // The network and the loss are ready for use; every stage has its batch. `validation` may be null.
  ColorizationTask(DynamicUnet& network, Loss& loss, const Recipe& recipe, BatchSource& training,
                   BatchSource* validation, DrawSheet draw_sheet);

  std::vector<StagePlan> plan() const override;
  void begin_stage(int stage) override;
  void begin_epoch(int epoch, int64_t first_step) override;
  StepReport step() override;
  std::string explain_fault() override;
  Losses validate() override;
  void show(const std::filesystem::path& folder, int epochs_done) override;
  std::vector<NamedTensor> network_tensors() override;
  std::vector<NamedTensor> optimizer_tensors() override;
  std::map<std::string, std::string> file_metadata() const override;
  void write_network(const std::filesystem::path& path) override;

 private:
  const StageRecipe& stage() const { return recipe_.stages[static_cast<size_t>(stage_)]; }
  StagePlan plan_of(const StageRecipe& stage) const;

  DynamicUnet& network_;
  Loss& loss_;
  Recipe recipe_;
  BatchSource& training_;
  BatchSource* validation_;
  DrawSheet draw_sheet_;
  DType features_;
  int stage_ = 0;
  std::unique_ptr<TrainingStep> step_;
  ColorPair batch_;  // of the last step
};

}  // namespace cuunet
