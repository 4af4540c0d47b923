#include "tools/commands/verify.h"

#include "kernels/device/error.h"
#include "tools/program.h"
#include "tools/verify/report.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

namespace cuunet {
namespace {

struct Arguments {
  std::vector<std::filesystem::path> paths;
  std::vector<std::string> except;
  std::string filter, thread_order;
  int steps = 0;
  bool quiet = false;
};

ThreadOrder order_named(const std::string& name, const Context& context) {
  if (context.device() != Device::simt) {
    throw UsageError("--thread-order is for --device simt; the {} has no order to choose", name_of(context.device()));
  }
  if (name == "forward") return ThreadOrder::forward;
  if (name == "reverse") return ThreadOrder::reverse;
  if (name == "shuffled") return ThreadOrder::shuffled;
  throw UsageError("--thread-order takes forward, reverse or shuffled, got '{}'", name);
}

void run(const Arguments& arguments, Program& program) {
  auto context = program.make_context();
  if (!arguments.thread_order.empty()) context->thread_order = order_named(arguments.thread_order, *context);
  VerifyOptions options{.precision = program.feature_dtype(),
                        .filter = arguments.filter,
                        .except = arguments.except,
                        .steps = arguments.steps};
  if (!program.json) {
    fmt::print("{}", table_head());
    options.finished = [&](const CaseResult& result) {
      if (!arguments.quiet || !result.passed()) fmt::print("{}", table_row(result));
      std::fflush(stdout);
    };
  }
  VerifyReport report = verify(*context, arguments.paths, options);
  if (program.json)
    fmt::print("{}\n", to_json(report).dump(2));
  else
    fmt::print("{}", summary(report));
  program.exit_code = report.passed() ? 0 : 1;
}

}  // namespace

void add_verify(CLI::App& app, Program& program) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("verify", "runs conformance cases and prints how far each is off");
  command->footer(
      "examples:\n"
      "  cuunet verify tests/conformance/ops\n"
      "  cuunet verify tests/conformance/ops/conv2d.json --filter conv2d/12\n"
      "  cuunet verify tests/conformance --precision f64 --quiet\n"
      "  cuunet verify tests/conformance/deoldify --except 'nogan_*,noisify'\n"
      "  cuunet verify tests/conformance/fastai_unet/traj_frozen.json --precision f64 --steps 2");
  command->add_option("paths", arguments->paths, "case files, or folders of them")->required();
  command->add_option("--filter", arguments->filter, "only cases whose title contains this");
  command->add_option("--except", arguments->except, "not these cases: names with * and ?, by commas or repeated")
      ->delimiter(',')
      ->allow_extra_args(false);
  command->add_option("--steps", arguments->steps, "steps of each training trajectory; 0: all that a case holds")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--thread-order", arguments->thread_order,
                      "in which the host executor (--device simt) runs threads: forward, reverse, shuffled");
  command->add_flag("--quiet", arguments->quiet, "failures and totals only");
  command->callback([arguments, &program] { run(*arguments, program); });
}

}  // namespace cuunet
