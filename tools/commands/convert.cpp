#include "tools/commands/convert.h"

#include "kernels/device/error.h"
#include "tools/conversion/conversion.h"
#include "tools/fetching/public_weights.h"
#include "tools/program.h"
#include "weights/export/onnx_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <memory>
#include <nlohmann/json.hpp>

namespace cuunet {
namespace {

struct Arguments {
  std::string in, out, type;
  ConversionOptions options;
  bool force = false;
};

StoredType type_named(const std::string& name) {
  if (name == "f64") return StoredType::f64;
  if (name == "f32") return StoredType::f32;
  if (name == "bf16") return StoredType::bf16;
  if (name == "f16") return StoredType::f16;
  throw UsageError("--dtype takes f64, f32, bf16 or f16, got '{}'", name);
}

void run_onnx(const Arguments& arguments, const Program& program) {
  const ConversionOptions& options = arguments.options;
  if (!options.only.empty()) throw UsageError("an ONNX file holds a whole network; leave --only out");
  if (options.type && *options.type != StoredType::f32) {
    throw UsageError("an ONNX file is written in f32; leave --dtype out");
  }
  auto context = program.make_context();
  OnnxReport report = write_onnx(*context, arguments.in, arguments.out, options.existing);
  for (const std::string& note : report.notes) fmt::print(stderr, "cuunet: {}\n", note);
  if (program.json) {
    nlohmann::ordered_json json{{"out", arguments.out},  {"network", report.network},     {"sizes", report.sizes},
                                {"nodes", report.nodes}, {"constants", report.constants}, {"bytes", report.bytes}};
    fmt::print("{}\n", json.dump(2));
    return;
  }
  fmt::print("{} -> {}: {}; takes {}; {} nodes, {:.1f} MB\n", arguments.in, arguments.out, report.network, report.sizes,
             report.nodes, static_cast<double>(report.bytes) / 1e6);
}

void run(Arguments& arguments, const Program& program) {
  if (!arguments.type.empty()) arguments.options.type = type_named(arguments.type);
  if (arguments.force) arguments.options.existing = Existing::replace;
  arguments.in = weights_file(arguments.in).string();
  if (std::filesystem::path(arguments.out).extension() == ".onnx") return run_onnx(arguments, program);
  ConversionReport report = convert(arguments.in, arguments.out, arguments.options);
  if (program.json) {
    nlohmann::ordered_json json{
        {"out", arguments.out}, {"tensors", report.tensors}, {"bytes", report.bytes}, {"left_out", report.left_out}};
    fmt::print("{}\n", json.dump(2));
    return;
  }
  fmt::print("{} -> {}: {} tensors, {:.1f} MB\n", arguments.in, arguments.out, report.tensors,
             static_cast<double>(report.bytes) / 1e6);
  if (!report.left_out.empty()) fmt::print("left out: {}\n", fmt::join(report.left_out, ", "));
}

}  // namespace

void add_convert(CLI::App& app, Program& program) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("convert", "weights from one format, type or naming to another");
  command->footer(
      "The ending of OUT says the format: .safetensors, .pth and its like for PyTorch, or .onnx. Examples:\n"
      "  cuunet convert old.pth new.pth                        legacy format to zip, everything kept\n"
      "  cuunet convert --model learner.pth unet.safetensors   the network alone, under its own names\n"
      "  cuunet convert --fold --dtype bf16 run/model.safetensors small.pth\n"
      "  cuunet convert run/model.safetensors model.onnx       a graph for any ONNX runtime, norms folded");
  command
      ->add_option("in", arguments->in, "a file of weights: safetensors, or torch.save's; or a name of `cuunet fetch`")
      ->required();
  command->add_option("out", arguments->out, "the new file")->required();
  command->add_option("--dtype", arguments->type, "of floating-point tensors: f64, f32, bf16, f16");
  command->add_flag("--fold", arguments->options.fold, "weight and spectral norm become plain weights");
  auto* model =
      command->add_flag("--model", arguments->options.model, "only the network, without optimiser and counters");
  command->add_option("--only", arguments->options.only, "only names that begin so, without that beginning")
      ->excludes(model);
  command->add_flag("--force", arguments->force, "replace OUT if it is there");
  command->callback([arguments, &program] { run(*arguments, program); });
}

}  // namespace cuunet
