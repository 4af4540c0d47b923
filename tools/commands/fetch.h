// cuunet fetch NAME…: public weights into the cache folder.
#pragma once

namespace CLI {
class App;
}

namespace cuunet {

struct Program;

void add_fetch(CLI::App& app, Program& program);

}  // namespace cuunet
