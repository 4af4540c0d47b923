#include "tools/commands/examine.h"

#include "engine/io/image_writer.h"
#include "tools/data/open_source.h"
#include "tools/demo/examination.h"
#include "tools/program.h"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

struct ExamineOptions {
  std::string model, training, unseen, sheet;
  ExaminationOptions examination{.size = 0};
};

void run(const Program& program, ExamineOptions options) {
  std::unique_ptr<Context> context = program.make_context();
  Colorizer colorizer(*context, options.model, {.size = options.examination.size, .features = program.feature_dtype()});
  options.examination.size = colorizer.size();
  std::shared_ptr<const PhotoSource> training = open_source(options.training), unseen = open_source(options.unseen);
  Examination examination = examine(colorizer, *training, *unseen, options.examination);
  if (program.json)
    fmt::print("{}\n", examination.json().dump(2));
  else
    fmt::print("{}", examination.table());
  if (options.sheet.empty()) return;
  write_image(options.sheet, draw_sheet({"grey", "ours", "truth"}, examination.sheet), {.existing = Existing::replace});
  if (!program.json) fmt::print("{}\n", options.sheet);
}

}  // namespace

void add_examine(CLI::App& app, Program& program) {
  auto options = std::make_shared<ExamineOptions>();
  CLI::App* command = app.add_subcommand("examine", "a network beside predictors that are none, on unseen pictures");
  command->footer(
      "Example:\n  cuunet examine run/model.safetensors --training photos/train --unseen photos/valid --sheet "
      "sheet.png");
  command->add_option("model", options->model, "weights, as `cuunet train` saves them")->required();
  command
      ->add_option("--training", options->training, "what the predictors are fitted on: a folder, or scenes:SEED:COUNT")
      ->required();
  command->add_option("--unseen", options->unseen, "what is judged: a folder, or scenes:SEED:COUNT:unseen")->required();
  command->add_option("--sheet", options->sheet, "PNG of grey, ours and truth; replaced if it is there");
  command->add_option("--size", options->examination.size, "pixels, both sides; 0 = as the network was trained")
      ->check(CLI::Range(int64_t{0}, int64_t{1024}));
  command->add_option("--judged", options->examination.judged, "pictures at most")->capture_default_str();
  command->add_option("--shown", options->examination.shown, "rows of the sheet")->capture_default_str();
  command->callback([&program, options] { run(program, *options); });
}

}  // namespace cuunet
