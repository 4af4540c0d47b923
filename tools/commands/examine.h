// cuunet examine MODEL: how well a network colours pictures it never saw, beside predictors that are no network.
#pragma once

namespace CLI {
class App;
}

namespace cuunet {

struct Program;

void add_examine(CLI::App& app, Program& program);

}  // namespace cuunet
