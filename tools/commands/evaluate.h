// cuunet evaluate RESULT TRUTH: how close coloured photographs come to the originals.
#pragma once

namespace CLI {
class App;
}

namespace cuunet {

struct Program;

void add_evaluate(CLI::App& app, Program& program);

}  // namespace cuunet
