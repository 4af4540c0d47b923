#include "tools/commands/verify.h"

#include "kernels/device/error.h"
#include "tools/command.h"
#include "tools/program.h"
#include "tools/verify/report.h"

#include <fmt/format.h>

#include <cstdio>
#include <memory>

namespace cuunet {
namespace {

struct Arguments {
  std::vector<std::string> paths, except;
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
  VerifyReport report = verify(*context, {arguments.paths.begin(), arguments.paths.end()}, options);
  if (program.json)
    fmt::print("{}\n", to_json(report).dump(2));
  else
    fmt::print("{}", summary(report));
  program.exit_code = report.passed() ? 0 : 1;
}

}  // namespace

void add_verify(CLI::App& app, Program& program) {
  auto arguments = std::make_shared<Arguments>();
  Command command(app, "verify", "runs conformance cases and prints how far each is off",
                  "examples:\n"
                  "  cuunet verify tests/conformance/ops\n"
                  "  cuunet verify tests/conformance/ops/conv2d.json --filter conv2d/12\n"
                  "  cuunet verify tests/conformance --precision f64 --quiet\n"
                  "  cuunet verify tests/conformance/deoldify --except 'nogan_*,noisify'\n"
                  "  cuunet verify tests/conformance/fastai_unet/traj_frozen.json --precision f64 --steps 2");
  command.option("paths", arguments->paths, "case files, or folders of them").required();
  command.option("--filter", arguments->filter, "only cases whose title contains this");
  command.option("--except", arguments->except, "not these cases: names with * and ?, by commas or repeated")
      .by_commas()
      .one_at_a_time();
  command.option("--steps", arguments->steps, "steps of each training trajectory; 0: all that a case holds")
      .not_negative();
  command.option("--thread-order", arguments->thread_order,
                 "in which the host executor (--device simt) runs threads: forward, reverse, shuffled");
  command.flag("--quiet", arguments->quiet, "failures and totals only");
  command.calls([arguments, &program] { run(*arguments, program); });
}

}  // namespace cuunet
