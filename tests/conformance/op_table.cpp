// `cuunet verify` with the family `ops` alone: what the sanitizer run needs of the program, without its other rooms.
#include "tools/commands/verify.h"
#include "tools/program.h"
#include "tools/verify/operators/operators.h"

namespace cuunet {

const Family* find_family(const std::string& name) { return name == ops_family.name ? &ops_family : nullptr; }

void add_commands(CLI::App& app, Program& program) { add_verify(app, program); }

}  // namespace cuunet

int main(int argc, char** argv) { return cuunet::run_program(argc, argv); }
