// The command `cuunet inspect`: what is in a file of weights, and which network it fits.
#pragma once

namespace CLI {
class App;
}

namespace cuunet {

struct Program;
void add_inspect(CLI::App& app, Program& program);

}  // namespace cuunet
