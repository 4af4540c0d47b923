#include "tools/commands/train.h"

#include "kernels/device/error.h"
#include "tools/command.h"
#include "tools/commands/train_run.h"
#include "tools/data/open_source.h"
#include "tools/fetching/public_weights.h"

#include <charconv>
#include <filesystem>
#include <memory>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

// "64,128" → {64, 128}
std::vector<int> numbers(const char* option, const std::string& text) {
  std::vector<int> values;
  for (const char *at = text.data(), *end = at + text.size(); at < end; ++at) {
    int value = 0;
    auto [stop, error] = std::from_chars(at, end, value);
    if (error != std::errc() || (stop != end && *stop != ',') || stop + 1 == end) {
      throw UsageError("{}: expected whole numbers with commas between them, found '{}'", option, text);
    }
    values.push_back(value);
    at = stop;
  }
  return values;
}

struct CommandLine {
  TrainArguments train;
  std::string sizes, epochs, batches;
};

void run(CommandLine& line, const Command& command, Program& program) {
  TrainArguments& train = line.train;
  train.recipe.sizes = numbers("--size", line.sizes);
  train.recipe.epochs = numbers("--epochs", line.epochs);
  train.recipe.batches = numbers("--batch", line.batches);
  train.seed_given = command.given("--seed");
  train.precision_given = command.given("--precision");
  for (std::string* weights : {&train.inputs.init, &train.inputs.encoder, &train.inputs.vgg}) {
    *weights = weights_file(*weights).string();
  }
  for (std::string* path :
       {&train.inputs.photos, &train.inputs.valid, &train.inputs.init, &train.inputs.encoder, &train.inputs.vgg}) {
    if (!path->empty() && !names_scenes(*path)) *path = fs::absolute(*path).lexically_normal().string();
  }
  run_training(train, program);
}

}  // namespace

void add_train(CLI::App& app, Program& program) {
  auto line = std::make_shared<CommandLine>();
  Command command(app, "train", "runs a recipe on a folder of photographs",
                  "examples:\n"
                  "  cuunet train photos --out run\n"
                  "  cuunet train photos --out run --size 64,128 --epochs 10,5 --encoder resnet34.pth\n"
                  "  cuunet train photos --out run --recipe mine.json --set stages[0].learning_rate='slice(1e-4)'\n"
                  "  cuunet train --out run --resume");
  TrainArguments& train = line->train;
  command.option("photos", train.inputs.photos, "folder of photographs; subfolders too");
  command.option("--out", train.out, "run folder: checkpoints, log, sheets, curves, the model").required();
  command
      .option("--recipe", train.recipe.recipe,
              "a JSON file, or one of: " + fmt::format("{}", fmt::join(built_in_recipes(), ", ")))
      .shows_default();
  command.option("--valid", train.inputs.valid, "folder to validate on; else a fraction is kept aside");
  command.option("--init", train.inputs.init, "begin from a U-Net of any file: ours, fastai's, .pth or safetensors");
  command.option("--encoder", train.inputs.encoder,
                 "ImageNet weights of the encoder: torchvision's file, or a name of `cuunet fetch`");
  command.option("--vgg", train.inputs.vgg,
                 "ImageNet weights of the feature loss: torchvision's file, or a name of `cuunet fetch`");
  command.flag("--partial", train.inputs.partial, "load what fits of these files, and say what was left out");
  command.option("--size", line->sizes, "pixels, one stage each: 64,128");
  command.option("--epochs", line->epochs, "for all stages, or one each: 10,5");
  command.option("--batch", line->batches, "photographs per step; else planned by memory");
  command.option("--loss", train.recipe.loss, "feature, color or pixel");
  command.option("--architecture", train.recipe.encoder, "resnet18, resnet34, resnet50, resnet101");
  command.option("--set", train.recipe.settings, "any field of the recipe: stages[0].patience=3").one_at_a_time();
  command.option("--memory", train.memory_gib, "GiB that a step may take; else what is free");
  command.flag("--resume", train.resume,
               "go on with the run in --out, to the same bits as if never stopped; begin it if there is none");
  command.flag("--allow-different-bits", train.allow_different_bits, "resume even where threads or libraries differ");
  command.calls([line, command, &program] { run(*line, command, program); });
}

}  // namespace cuunet
