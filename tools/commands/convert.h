// The command `cuunet convert`: weights from one file format, element type or naming to another.
#pragma once

namespace CLI {
class App;
}

namespace cuunet {

struct Program;
void add_convert(CLI::App& app, Program& program);

}  // namespace cuunet
