#include "tools/commands/train_run.h"

#include "engine/device/arena.h"
#include "kernels/device/error.h"
#include "tools/data/open_source.h"
#include "tools/training/batch_planner.h"
#include "tools/training/colorization_task.h"
#include "tools/training/interruption.h"
#include "tools/training/photo_batches.h"
#include "tools/training/run_pictures.h"
#include "tools/training/starting_weights.h"
#include "tools/training/trainer.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

constexpr int interrupted_exit_code = 130;

// --seed and --precision belong to every command; when given they are the recipe's.
Recipe recipe_of(const TrainArguments& arguments, const Program& program) {
  RecipeOptions options = arguments.recipe;
  if (arguments.seed_given) options.settings.push_back(fmt::format("seed={}", program.seed));
  if (arguments.precision_given) options.settings.push_back(fmt::format("precision=\"{}\"", program.precision));
  return resolve_recipe(options);
}

// What a run that is resumed was made with; options given again must say the same.
RunSettings settings_to_resume(const TrainArguments& arguments, Program& program) {
  if (!holds_run(arguments.out)) {
    throw UsageError("{}: no training run to resume (run.json is not there)", arguments.out);
  }
  RunSettings settings = open_run(arguments.out);
  auto same = [&](const char* option, const std::string& given, const std::string& stored) {
    if (given.empty() || fs::path(given) == fs::path(stored)) return;
    throw UsageError("{}: the run was made with {}, it cannot go on with {}", option, stored.empty() ? "none" : stored,
                     given);
  };
  same("PHOTOS", arguments.inputs.photos, settings.inputs.photos);
  same("--valid", arguments.inputs.valid, settings.inputs.valid);
  same("--init", arguments.inputs.init, settings.inputs.init);
  same("--encoder", arguments.inputs.encoder, settings.inputs.encoder);
  same("--vgg", arguments.inputs.vgg, settings.inputs.vgg);
  if (arguments.recipe.any() || arguments.seed_given || arguments.precision_given) {
    Recipe given = recipe_of(arguments, program);
    for (size_t s = 0; s < std::min(given.stages.size(), settings.recipe.stages.size()); ++s) {
      if (given.stages[s].batch == 0) given.stages[s].batch = settings.recipe.stages[s].batch;  // it was planned
    }
    std::string difference = first_difference(given, settings.recipe);
    if (!difference.empty()) {
      throw UsageError("--resume goes on with the recipe of {}: {}; leave the recipe's options out", arguments.out,
                       difference);
    }
  }
  if (program.device == "auto") program.device = settings.machine.device;
  if (program.threads == 0) program.threads = settings.machine.threads;
  program.max_isa = settings.machine.max_isa;
  if (program.conv_backend == "native") program.conv_backend = settings.machine.conv_backend;
  return settings;
}

// The photographs of a run, apart into those that train and those that judge.
struct RunPhotographs {
  std::unique_ptr<Photographs> training, validation;  // validation may be null
};

RunPhotographs open_photographs(const RunSettings& settings) {
  auto cache = static_cast<size_t>(std::min(available_memory() / 4, 4.0 * (1 << 30)));
  std::shared_ptr<const PhotoSource> folder = open_source(settings.inputs.photos);
  RunPhotographs photographs;
  if (!settings.inputs.valid.empty()) {
    std::shared_ptr<const PhotoSource> valid = open_source(settings.inputs.valid);
    photographs.training = std::make_unique<Photographs>(folder, cache);
    photographs.validation = std::make_unique<Photographs>(valid, cache / 4);
    return photographs;
  }
  Split split = split_by_fraction(folder->count(), settings.recipe.valid_fraction, settings.recipe.seed);
  photographs.training = std::make_unique<Photographs>(std::make_shared<PhotoSubset>(folder, split.train), cache);
  if (!split.valid.empty()) {
    auto valid = std::make_shared<PhotoSubset>(folder, split.valid);
    photographs.validation = std::make_unique<Photographs>(valid, cache / 4);
  }
  return photographs;
}

int64_t parameter_count(Module* module) {
  int64_t count = 0;
  if (module == nullptr) return 0;
  for (const auto& [name, parameter] : module->parameters()) count += parameter->var.value().elements();
  return count;
}

TrainingMemory memory_of(const Recipe& recipe, const StartingNetwork& start) {
  return training_memory(recipe, parameter_count(start.network.get()), parameter_count(start.judge.get()));
}

void plan_batches(Recipe& recipe, const StartingNetwork& start, double budget, int64_t pictures) {
  TrainingMemory memory = memory_of(recipe, start);
  for (StageRecipe& stage : recipe.stages) {
    int least = smallest_batch(stage.size);
    if (stage.batch == 0) stage.batch = plan_batch(stage, memory, budget, pictures);
    if (stage.batch < least) {
      throw UsageError("a stage of {} px: expected a batch of at least {}, found {}; its deepest map is one pixel",
                       stage.size, least, stage.batch);
    }
  }
}

class TrainRun {
 public:
  TrainRun(const TrainArguments& arguments, Program& program) : arguments_(arguments), program_(program) {}

  void run();

 private:
  void prepare();
  std::unique_ptr<PhotoBatches> batches(const Photographs* photographs, bool training);
  nlohmann::json identity(const BatchSource& training, const BatchSource* validation) const;
  double budget() const;
  void tell_unreadable();
  void report(const Trainer& trainer, TrainingEnd end);

  const TrainArguments& arguments_;
  Program& program_;
  ProgressLine progress_{stderr};
  RunSettings settings_;
  std::optional<RunLock> lock_;
  std::unique_ptr<Context> context_;
  RunPhotographs photographs_;
  StartingNetwork start_;
  bool resumes_ = false;
  size_t unreadable_told_ = 0;
};

void TrainRun::prepare() {
  resumes_ = arguments_.resume && (holds_run(arguments_.out) || arguments_.inputs.photos.empty());
  if (resumes_) {
    settings_ = settings_to_resume(arguments_, program_);
    lock_.emplace(arguments_.out);
  } else {
    if (arguments_.inputs.photos.empty()) throw UsageError("train: expected a folder of photographs, found none");
    settings_.recipe = recipe_of(arguments_, program_);
    settings_.inputs = arguments_.inputs;
  }
  program_.precision = settings_.recipe.precision;
  context_ = program_.make_context(fs::path(arguments_.out) / "backend_times.json");
  settings_.machine = machine_of(*context_);
  photographs_ = open_photographs(settings_);
  start_ = build_network(*context_, settings_.recipe, settings_.inputs);
  if (resumes_) return;
  // Before anything is made: at least one can be read.
  photographs_.training->load_readable(0);
  if (photographs_.validation != nullptr) photographs_.validation->load_readable(0);
  plan_batches(settings_.recipe, start_, budget(), photographs_.training->count());
  create_run(arguments_.out, settings_);
  lock_.emplace(arguments_.out);
  for (const std::string& note : start_.notes) progress_.note("note: " + note);
}

std::unique_ptr<PhotoBatches> TrainRun::batches(const Photographs* photographs, bool training) {
  if (photographs == nullptr) return nullptr;
  return std::make_unique<PhotoBatches>(
      *context_, *photographs,
      PhotoBatchesOptions{.training = training,
                          .seed = settings_.recipe.seed,
                          .augmentation = augmentation_settings(settings_.recipe.augmentation),
                          .workers = context_->threads()});
}

nlohmann::json TrainRun::identity(const BatchSource& training, const BatchSource* validation) const {
  nlohmann::json identity = settings_.machine.json();
  identity["recipe"] = fmt::format("{:016x}", recipe_fingerprint(settings_.recipe));
  identity["photographs"] = training.fingerprint();
  identity["validation"] = validation == nullptr ? "none" : validation->fingerprint();
  return identity;
}

void TrainRun::tell_unreadable() {
  size_t unreadable = 0;
  std::string text;
  for (const Photographs* photographs : {photographs_.training.get(), photographs_.validation.get()}) {
    if (photographs == nullptr) continue;
    Photographs::Account account = photographs->account();
    unreadable += account.unreadable.size();
    if (account.unreadable.empty()) continue;
    text += fmt::format("{}{}", text.empty() ? "" : "; for validation ", summary_of(account));
  }
  if (unreadable == unreadable_told_) return;
  unreadable_told_ = unreadable;
  progress_.note("warning: " + text);
}

void TrainRun::run() {
  prepare();
  std::unique_ptr<PhotoBatches> training = batches(photographs_.training.get(), true);
  std::unique_ptr<PhotoBatches> validation = batches(photographs_.validation.get(), false);
  ColorizationTask task(*start_.network, *start_.loss, settings_.recipe, *training, validation.get(),
                        write_progress_sheet);
  fs::path folder = arguments_.out;
  TrainerOptions options{.run_folder = folder,
                         .checkpoint_every_steps = settings_.recipe.checkpoint.every_steps,
                         .keep_epochs = settings_.recipe.checkpoint.keep_epochs,
                         .identity = identity(*training, validation.get()),
                         .allow_different_bits = arguments_.allow_different_bits,
                         .stop_requested = Interruption::requested,
                         .after_epoch = [&] {
                           write_curves(folder / "log.jsonl", folder);
                           tell_unreadable();
                         }};
  Trainer trainer(task, std::move(options), progress_);
  if (resumes_) trainer.resume();
  Interruption interruption;
  try {
    report(trainer, trainer.run());
  } catch (const OutOfMemory& error) {
    progress_.leave_line();
    const std::vector<StageRecipe>& stages = settings_.recipe.stages;
    const StageRecipe& stage = stages[std::min(static_cast<size_t>(trainer.position().stage), stages.size() - 1)];
    std::string smaller = smaller_stage(stage, memory_of(settings_.recipe, start_), budget());
    throw Error("{} px, batch {}: {}; begin a new run with {}", stage.size, stage.batch, error.what(), smaller);
  }
}

// Bytes that a step may take beside what the network holds already.
double TrainRun::budget() const {
  return arguments_.memory_gib > 0 ? arguments_.memory_gib * (1 << 30) : available_memory(*context_);
}

void TrainRun::report(const Trainer& trainer, TrainingEnd end) {
  progress_.leave_line();
  std::string again = fmt::format("{} train --out {} --resume", program_.invoked_as, arguments_.out);
  if (end == TrainingEnd::interrupted) {
    fmt::print(stderr, "stopped and saved at {}; go on with: {}\n", trainer.position().text(), again);
    program_.exit_code = interrupted_exit_code;
    return;
  }
  std::string model = (fs::path(arguments_.out) / "model.safetensors").string();
  if (program_.json) {
    nlohmann::ordered_json result{
        {"model", model}, {"epochs", trainer.position().epochs_done}, {"steps", trainer.position().steps_done}};
    for (const auto& [name, value] : trainer.last_validation()) result["valid_" + name] = value;
    fmt::print("{}\n", result.dump());
    return;
  }
  fmt::print("{}: trained for {} epochs ({} steps)", model, trainer.position().epochs_done,
             trainer.position().steps_done);
  if (!trainer.last_validation().empty()) fmt::print(", validation loss {:.4f}", trainer.last_validation()[0].second);
  fmt::print("\n");
}

}  // namespace

void run_training(const TrainArguments& arguments, Program& program) { TrainRun(arguments, program).run(); }

}  // namespace cuunet
