#include "tools/commands/convert.h"

#include "kernels/device/error.h"
#include "tools/command.h"
#include "tools/conversion/conversion.h"
#include "tools/conversion/onnx_parity.h"
#include "tools/fetching/public_weights.h"
#include "tools/program.h"
#include "weights/export/onnx_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cinttypes>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

namespace cuunet {
namespace {

struct Arguments {
  std::string in, out, type;
  ConversionOptions options;
  std::vector<std::string> check_sizes;
  bool check = false, force = false;
};

StoredType type_named(const std::string& name) {
  if (name == "f64") return StoredType::f64;
  if (name == "f32") return StoredType::f32;
  if (name == "bf16") return StoredType::bf16;
  if (name == "f16") return StoredType::f16;
  throw UsageError("--dtype takes f64, f32, bf16 or f16, got '{}'", name);
}

PictureSize size_of(const std::string& text) {
  PictureSize size{};
  int read = 0;
  std::sscanf(text.c_str(), "%9" SCNd64 "x%9" SCNd64 "%n", &size.first, &size.second, &read);
  if (read == 0 || text.c_str()[read] != '\0') {
    throw UsageError("--check-sizes takes height x width like 64x96, got '{}'", text);
  }
  return size;
}

nlohmann::ordered_json json_of(const OnnxParity& parity) {
  auto rows = nlohmann::ordered_json::array();
  for (const OnnxParity::Row& row : parity.rows) {
    rows.push_back({{"height", row.size.first},
                    {"width", row.size.second},
                    {"output", row.output},
                    {"shape", row.shape},
                    {"difference", row.difference},
                    {"largest", row.largest}});
  }
  return {{"onnxruntime", parity.runtime}, {"worst", parity.worst()}, {"bound", onnx_parity_bound}, {"rows", rows}};
}

void print(const OnnxParity& parity) {
  for (const OnnxParity::Row& row : parity.rows) {
    fmt::print("  {}x{}: {} [{}] off by {:.1e} of {:.2g}\n", row.size.first, row.size.second, row.output,
               fmt::join(row.shape, ", "), row.difference, row.largest);
  }
  fmt::print("beside ONNX Runtime {}: off by {:.1e} of the largest value (bound {:.0e})\n", parity.runtime,
             parity.worst(), onnx_parity_bound);
}

void require_onnx_options(const ConversionOptions& options) {
  if (!options.only.empty()) throw UsageError("an ONNX file holds a whole network; leave --only out");
  if (options.type && *options.type != StoredType::f32) {
    throw UsageError("an ONNX file is written in f32; leave --dtype out");
  }
}

void run_onnx(const Arguments& arguments, const Program& program) {
  require_onnx_options(arguments.options);
  std::vector<PictureSize> sizes;
  for (const std::string& text : arguments.check_sizes) sizes.push_back(size_of(text));
  refuse_existing(arguments.out, arguments.options.existing);
  auto context = program.make_context();
  LoadedNetwork network = load_network({*context}, arguments.in);
  sizes = parity_sizes(network, sizes);
  OnnxReport report = write_onnx(network, arguments.out, arguments.options.existing);
  for (const std::string& note : network.notes) fmt::print(stderr, "cuunet: {}\n", note);
  nlohmann::ordered_json json{{"out", arguments.out},  {"network", report.network},     {"sizes", report.sizes},
                              {"nodes", report.nodes}, {"constants", report.constants}, {"bytes", report.bytes}};
  if (!program.json) {
    fmt::print("{} -> {}: {}; takes {}; {} nodes, {:.1f} MB\n", arguments.in, arguments.out, report.network,
               report.sizes, report.nodes, static_cast<double>(report.bytes) / 1e6);
  }
  std::optional<OnnxParity> parity;
  if (arguments.check) {
    parity = compare_with_onnx_runtime(network, arguments.out, sizes, program.seed);
    json["parity"] = json_of(*parity);
    if (!program.json) print(*parity);
  }
  if (program.json) fmt::print("{}\n", json.dump(2));
  if (parity && !(parity->worst() <= onnx_parity_bound)) {
    throw Error(
        "{}: ONNX Runtime {} is off by {:.1e} of the largest value, more than {:.0e}; don't use the file, and "
        "please report which network it was",
        arguments.out, parity->runtime, parity->worst(), onnx_parity_bound);
  }
}

void run(Arguments& arguments, const Program& program) {
  if (!arguments.type.empty()) arguments.options.type = type_named(arguments.type);
  if (arguments.force) arguments.options.existing = Existing::replace;
  arguments.in = weights_file(arguments.in).string();
  if (std::filesystem::path(arguments.out).extension() == ".onnx") return run_onnx(arguments, program);
  if (arguments.check) throw UsageError("--check compares an ONNX file with ONNX Runtime; OUT has to end in .onnx");
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
  Command command(
      app, "convert", "weights from one format, type or naming to another",
      "The ending of OUT says the format: .safetensors, .pth and its like for PyTorch, or .onnx. Examples:\n"
      "  cuunet convert old.pth new.pth                        legacy format to zip, everything kept\n"
      "  cuunet convert --model learner.pth unet.safetensors   the network alone, under its own names\n"
      "  cuunet convert --fold --dtype bf16 run/model.safetensors small.pth\n"
      "  cuunet convert run/model.safetensors model.onnx       a graph for any ONNX runtime, norms folded\n"
      "  cuunet convert --check run/model.safetensors model.onnx     and compared with ONNX Runtime");
  command.option("in", arguments->in, "a file of weights: safetensors, or torch.save's; or a name of `cuunet fetch`")
      .required();
  command.option("out", arguments->out, "the new file").required();
  command.option("--dtype", arguments->type, "of floating-point tensors: f64, f32, bf16, f16");
  command.flag("--fold", arguments->options.fold, "weight and spectral norm become plain weights");
  CommandOption model =
      command.flag("--model", arguments->options.model, "only the network, without optimiser and counters");
  command.option("--only", arguments->options.only, "only names that begin so, without that beginning").excludes(model);
  CommandOption check =
      command.flag("--check", arguments->check,
                   "of .onnx: compare with ONNX Runtime, in $CUUNET_PYTHON, .venv/bin/python or python3");
  command.option("--check-sizes", arguments->check_sizes, "at these inputs: 64x96,128x128 (height x width)")
      .by_commas()
      .one_at_a_time()
      .needs(check);
  command.flag("--force", arguments->force, "replace OUT if it is there");
  command.calls([arguments, &program] { run(*arguments, program); });
}

}  // namespace cuunet
