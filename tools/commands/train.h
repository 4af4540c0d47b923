// cuunet train: runs a recipe on a folder of photographs.
#pragma once

namespace CLI {
class App;
}

namespace cuunet {

struct Program;
void add_train(CLI::App& app, Program& program);

}  // namespace cuunet
