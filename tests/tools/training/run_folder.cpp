#include "tools/training/run_folder.h"

#include "engine/device/host_context.h"
#include "tests/checks/process.h"
#include "tools/training/recipe_settings.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace cuunet {
namespace {

struct Folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("cuunet_run_folder_" + std::to_string(getpid()));
  ~Folder() { std::filesystem::remove_all(path); }
};

TEST_CASE("run folder: who convolved belongs to what a run is resumed with") {
  for (const char* backend : {"native", "cudnn", "auto"}) {
    CAPTURE(backend);
    Folder folder;
    RunSettings settings;
    settings.recipe = resolve_recipe({.recipe = "demo"});
    settings.inputs.photos = "scenes:1:8";
    HostContext context({.threads = 1});
    settings.machine = machine_of(context);
    CHECK(settings.machine.conv_backend == "native");
    settings.machine.conv_backend = backend;
    create_run(folder.path, settings);
    CHECK(open_run(folder.path).machine == settings.machine);
    // Runs from before there was a choice have no such field, and were native.
    bool named = contents(folder.path / "run.json").find("conv_backend") != std::string::npos;
    CHECK(named == (settings.machine.conv_backend != "native"));
  }
}

}  // namespace
}  // namespace cuunet
