#include "tools/program.h"

#include <CLI/CLI.hpp>

namespace cuunet {

void add_commands(CLI::App&, Program&) {}

}  // namespace cuunet
