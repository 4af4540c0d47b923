#include "tools/commands/bench.h"
#include "tools/commands/colorize.h"
#include "tools/commands/convert.h"
#include "tools/commands/doctor.h"
#include "tools/commands/evaluate.h"
#include "tools/commands/examine.h"
#include "tools/commands/fetch.h"
#include "tools/commands/forward.h"
#include "tools/commands/inspect.h"
#include "tools/commands/train.h"
#include "tools/commands/verify.h"
#include "tools/program.h"

namespace cuunet {

void add_commands(CLI::App& app, Program& program) {
  add_bench(app, program);
  add_train(app, program);
  add_colorize(app, program);
  add_evaluate(app, program);
  add_examine(app, program);
  add_inspect(app, program);
  add_convert(app, program);
  add_fetch(app, program);
  add_forward(app, program);
  add_verify(app, program);
  add_doctor(app, program);
}

}  // namespace cuunet
