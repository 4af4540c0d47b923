// cuunet bench infer|train: times the network on this machine.
#pragma once

namespace CLI {
class App;
}

namespace cuunet {

struct Program;

void add_bench(CLI::App& app, Program& program);

}  // namespace cuunet
