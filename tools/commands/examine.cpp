#include "tools/commands/examine.h"

#include "engine/io/image_writer.h"
#include "tools/command.h"
#include "tools/data/open_source.h"
#include "tools/demo/examination.h"
#include "tools/program.h"

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
  Command command(
      app, "examine", "a network beside predictors that are none, on unseen pictures",
      "Example:\n  cuunet examine run/model.safetensors --training photos/train --unseen photos/valid --sheet "
      "sheet.png");
  command.option("model", options->model, "weights, as `cuunet train` saves them").required();
  command.option("--training", options->training, "what the predictors are fitted on: a folder, or scenes:SEED:COUNT")
      .required();
  command.option("--unseen", options->unseen, "what is judged: a folder, or scenes:SEED:COUNT:unseen").required();
  command.option("--sheet", options->sheet, "PNG of grey, ours and truth; replaced if it is there");
  command.option("--size", options->examination.size, "pixels, both sides; 0 = as the network was trained")
      .within(0, 1024);
  command.option("--judged", options->examination.judged, "pictures at most").shows_default();
  command.option("--shown", options->examination.shown, "rows of the sheet").shows_default();
  command.calls([&program, options] { run(program, *options); });
}

}  // namespace cuunet
