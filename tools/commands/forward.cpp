#include "tools/commands/forward.h"

#include "kernels/device/error.h"
#include "tools/command.h"
#include "tools/fetching/public_weights.h"
#include "tools/forward/forward.h"
#include "tools/program.h"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

namespace cuunet {
namespace {

struct Arguments {
  std::string model, in, out;
  ForwardOptions options;
  bool partial = false, force = false;
};

// One name per line.
void list_gradients(const Arguments& arguments, const Program& program) {
  auto context = program.make_context();
  for (const std::string& name : differentiable_names(outline_network(*context, arguments.model)))
    fmt::print("{}\n", name);
}

void print(const ForwardReport& report, const Arguments& arguments, const Program& program) {
  for (const std::string& note : report.notes) fmt::print(stderr, "cuunet: {}\n", note);
  if (program.json) {
    nlohmann::ordered_json json{{"out", arguments.out}, {"network", report.network}, {"tensors", report.tensors}};
    fmt::print("{}\n", json.dump(2));
    return;
  }
  fmt::print("{} -> {} by {}\n", arguments.in, arguments.out, report.network);
  for (const auto& [name, shape] : report.tensors) fmt::print("  {} {}\n", name, shape);
}

void run(Arguments& arguments, const Program& program) {
  arguments.model = weights_file(arguments.model).string();
  ForwardOptions& options = arguments.options;
  if (arguments.partial) options.fit = Fit::partial;
  if (options.gradients == std::vector<std::string>{"list"}) return list_gradients(arguments, program);
  if (arguments.in.empty() || arguments.out.empty()) {
    throw UsageError("forward takes MODEL IN OUT: weights, a file of named inputs, and where the outputs go");
  }
  if (arguments.force) options.existing = Existing::replace;
  options.features = program.feature_dtype();
  options.seed = program.seed;
  auto context = program.make_context();
  print(forward(*context, arguments.model, arguments.in, arguments.out, options), arguments, program);
}

}  // namespace

void add_forward(CLI::App& app, Program& program) {
  auto arguments = std::make_shared<Arguments>();
  Command command(
      app, "forward", "runs the network of a file on tensors, and differentiates it",
      "IN holds [N, C, H, W] under the input's name: 'input', of a pair's discriminator 'x' and 'y'. OUT is "
      "safetensors:\n"
      "'output'; with --grad also projection/NAME, drawn by --seed, and grad/NAME. Examples:\n"
      "  cuunet forward generator.pth in.safetensors out.safetensors\n"
      "  cuunet forward resnet34.pth in.safetensors out.safetensors --grad input --grad fc.weight\n"
      "  cuunet forward resnet34.pth --grad list");
  command.option("model", arguments->model, "a file of weights, or a name of `cuunet fetch`").required();
  command.option("in", arguments->in, "a file of named tensors: safetensors, or torch.save's");
  command.option("out", arguments->out, "a new safetensors file");
  command
      .option("--grad", arguments->options.gradients,
              "an input or parameter whose gradient is wanted; 'list' prints them")
      .one_at_a_time();
  command.flag("--partial", arguments->partial, "load what fits of the weights");
  command.flag("--force", arguments->force, "replace OUT if it is there");
  command.calls([arguments, &program] { run(*arguments, program); });
}

}  // namespace cuunet
