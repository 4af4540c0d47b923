// cuunet colorize INPUT… --model FILE --out FOLDER: photographs → colour.
#pragma once

namespace CLI {
class App;
}

namespace cuunet {

struct Program;

void add_colorize(CLI::App& app, Program& program);

}  // namespace cuunet
