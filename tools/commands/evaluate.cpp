#include "tools/commands/evaluate.h"

#include "tools/command.h"
#include "tools/program.h"
#include "tools/report/evaluation.h"
#include "tools/training/batch_planner.h"

#include <fmt/format.h>

#include <memory>

namespace cuunet {
namespace {

struct EvaluateOptions {
  std::string result, truth;
  double most_megapixels = ReadOptions{}.most_megapixels;
};

void run(Program& program, const EvaluateOptions& options) {
  ReadOptions reading;
  reading.most_megapixels = options.most_megapixels;
  reading.most_bytes = static_cast<int64_t>(available_memory());
  reading.bytes_per_pixel_in_use = 6;  // the result and the truth
  reading.remedy = "make the image smaller, or allow more with --max-megapixels where there is the memory";
  EvaluationReport report = evaluate(options.result, options.truth, reading);
  fmt::print("{}", program.json ? report.json().dump(2) + "\n" : report.text());
  if (!report.failures.empty()) program.exit_code = 3;
}

}  // namespace

void add_evaluate(CLI::App& app, Program& program) {
  auto options = std::make_shared<EvaluateOptions>();
  Command command(
      app, "evaluate", "measures coloured photographs against the truth",
      "PSNR, SSIM (higher is closer), CIEDE2000 (lower is closer; 1 is just visible), colourfulness of both.\n"
      "Files of two folders are matched by name, whatever their extension. Exit code 3 when some were not compared.\n"
      "Examples:\n"
      "  cuunet evaluate coloured.png original.jpg\n"
      "  cuunet --json evaluate coloured/ originals/");
  command.option("result", options->result, "a picture, or a folder of them").required();
  command.option("truth", options->truth, "the original, or the folder of originals").required();
  command.option("--max-megapixels", options->most_megapixels, "refuse larger pictures").shows_default();
  command.calls([&program, options] { run(program, *options); });
}

}  // namespace cuunet
