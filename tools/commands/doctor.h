// cuunet doctor: what hardware and libraries were found, what will be used, and why.
#pragma once

namespace CLI {
class App;
}

namespace cuunet {

struct Program;

void add_doctor(CLI::App& app, Program& program);

}  // namespace cuunet
