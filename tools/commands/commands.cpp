#include "tools/commands/verify.h"
#include "tools/program.h"

#include <CLI/CLI.hpp>

namespace cuunet {

void add_commands(CLI::App& app, Program& program) { add_verify(app, program); }

}  // namespace cuunet
