// The command `cuunet forward`.
#pragma once

namespace CLI {
class App;
}

namespace cuunet {

struct Program;

void add_forward(CLI::App& app, Program& program);

}  // namespace cuunet
