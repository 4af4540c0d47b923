// cuunet verify PATH…: runs conformance cases and prints how far each is from its tolerance.
#pragma once

namespace CLI {
class App;
}

namespace cuunet {

struct Program;

void add_verify(CLI::App& app, Program& program);

}  // namespace cuunet
