// A network trains, is saved, resumed and used where host code cannot reach the device's memory, to the same bits as
// where it can.
#include "engine/device/host_context.h"
#include "layers/losses/color_loss.h"
#include "tests/checks/process.h"
#include "tests/engine/device/far_context.h"
#include "tools/colorizing/colorizer.h"
#include "tools/data/open_source.h"
#include "tools/training/colorization_task.h"
#include "tools/training/photo_batches.h"
#include "tools/training/run_pictures.h"
#include "tools/training/trainer.h"

#include <doctest/doctest.h>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

struct Folder {
  fs::path path = fs::temp_directory_path() / fmt::format("cuunet_far_memory_{}", getpid());
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};

Recipe short_recipe() {
  Recipe recipe = parse_recipe(find_recipe("article"));
  StageRecipe stage{.size = 32, .epochs = 1, .frozen = false, .batch = 2};
  stage.learning_rate = recipe.stages.back().learning_rate;
  recipe.stages = {stage};
  return recipe;
}

// A quarter of the published widths, with state of its own in its norms and an attention.
DynamicUnetOptions quarter_width() {
  return {.encoder = "resnet18", .encoder_width = 16, .norm = NormType::spectral, .blur = true, .self_attention = true};
}

// Everything that a run keeps its tensors in; made anew to resume.
class Run {
 public:
  Run(Context& context, const fs::path& folder) : network_({context}, quarter_width()) {
    network_.initialise(1);
    PhotoBatchesOptions batches{.workers = 1};
    training_ = std::make_unique<PhotoBatches>(context, photographs_, batches);
    batches.training = false;
    validation_ = std::make_unique<PhotoBatches>(context, few_photographs_, batches);
    task_ = std::make_unique<ColorizationTask>(network_, loss_, short_recipe(), *training_, validation_.get(),
                                               write_progress_sheet);
    options_ = {.run_folder = folder, .checkpoint_every_steps = 0, .identity = {{"test", 1}}};
  }
  ~Run() { std::fclose(sink_); }

  TrainingEnd stopped_after(int steps) {
    options_.stop_requested = [left = steps]() mutable { return --left == 0; };
    return Trainer(*task_, options_, progress_).run();
  }
  TrainingEnd resumed() {
    Trainer trainer(*task_, options_, progress_);
    trainer.resume();
    return trainer.run();
  }

 private:
  Photographs photographs_{open_source("scenes:1:6"), 1 << 20}, few_photographs_{open_source("scenes:2:3"), 1 << 20};
  DynamicUnet network_;
  ColorLoss loss_{5};
  std::unique_ptr<PhotoBatches> training_, validation_;
  std::unique_ptr<ColorizationTask> task_;
  std::FILE* sink_ = std::fopen("/dev/null", "w");
  ProgressLine progress_{sink_, false, false};
  TrainerOptions options_;
};

struct Outcome {
  std::string model, sheet;
  Image coloured;
};

// Three steps, stopped after the first and resumed; then a picture.
Outcome train_and_colour(Context& context, const fs::path& folder) {
  CHECK(Run(context, folder).stopped_after(1) == TrainingEnd::interrupted);
  CHECK(Run(context, folder).resumed() == TrainingEnd::finished);
  Colorizer colorizer(context, folder / "model.safetensors", {.size = 32});
  return {contents(folder / "model.safetensors"), contents(folder / "sheets/epoch_0001.png"),
          colorizer(open_source("scenes:3:1")->load(0))};
}

TEST_CASE("far memory: a run is trained, saved, resumed and used to the bits of shared memory") {
  Folder folder;
  HostContext shared({.device = Device::simt, .threads = 1});
  Outcome expected = train_and_colour(shared, folder.path / "shared");
  FarContext far;
  Outcome got = train_and_colour(far, folder.path / "far");
  REQUIRE(!expected.model.empty());
  CHECK(got.model == expected.model);
  REQUIRE(!expected.sheet.empty());
  CHECK(got.sheet == expected.sheet);
  CHECK(got.coloured.rgb == expected.coloured.rgb);
  CHECK(far.uploads_joined == 4);  // input and target of steps 2 and 3, while steps 1 and 2 were computed
}

}  // namespace
}  // namespace cuunet
