#include "tools/commands/inspect.h"

#include "tools/command.h"
#include "tools/fetching/public_weights.h"
#include "tools/inspection/inspection.h"
#include "tools/program.h"

#include <fmt/format.h>

#include <memory>

namespace cuunet {

void add_inspect(CLI::App& app, Program& program) {
  auto file = std::make_shared<std::string>();
  Command command(app, "inspect", "says what is in a file of weights, and which network it is",
                  "Reads .safetensors and what torch.save wrote, without executing anything. Examples:\n"
                  "  cuunet inspect resnet34.pth\n"
                  "  cuunet inspect --json run/model.safetensors");
  command.option("file", *file, "a file of weights, or a name of `cuunet fetch`").required();
  command.calls([file, &program] {
    auto inspection = inspect(weights_file(*file));
    fmt::print("{}", program.json ? inspection.dump(2) + "\n" : inspection_text(inspection));
  });
}

}  // namespace cuunet
