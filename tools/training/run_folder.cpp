#include "tools/training/run_folder.h"

#include "engine/io/atomic_file.h"
#include "engine/version.h"
#include "kernels/conv/conv2d.h"
#include "kernels/device/backend.h"
#include "kernels/device/error.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace cuunet {

namespace fs = std::filesystem;

namespace {

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file)
    throw FileError("{}: cannot read it; is {} the folder of a run?", path.string(), path.parent_path().string());
  return text.str();
}

void write_text(const fs::path& path, const std::string& text) {
  write_file(path, std::as_bytes(std::span(text)), Existing::replace);
}

const char* isa_name(Isa isa) {
  switch (isa) {
    case Isa::baseline: return "baseline";
    case Isa::avx2: return "avx2";
    case Isa::avx512: return "avx512";
  }
  return "?";
}

std::string library_versions() {
  return fmt::format("cuunet {}, {}, gcc {}", version, cpu_convolutions(), __VERSION__);
}

}  // namespace

nlohmann::json RunMachine::json() const {
  nlohmann::json json{{"device", device}, {"max_isa", max_isa}, {"threads", threads}, {"versions", versions}};
  if (conv_backend != "native") json["conv_backend"] = conv_backend;
  return json;
}

RunMachine machine_of(Context& context) {
  Backend backend = context.state<Backends>().wanted;
  std::string versions = library_versions();
  if (backend != Backend::native) versions += ", " + cudnn_version();
  return {name_of(context.device()), isa_name(context.isa()), context.threads(), versions, name_of(backend)};
}

RunLock::RunLock(const fs::path& folder) : descriptor_(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (descriptor_ < 0) throw FileError("{}: cannot open this run folder: {}", folder.string(), std::strerror(errno));
  if (flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;  // some file systems have no locks
  close(descriptor_);
  throw Error("{}: another cuunet train is at work in this run folder", folder.string());
}

RunLock::~RunLock() { close(descriptor_); }

bool holds_run(const fs::path& folder) { return fs::exists(folder / "run.json"); }

void create_run(const fs::path& folder, const RunSettings& settings) {
  if (holds_run(folder)) {
    throw UsageError("{}: holds a training run already; --resume goes on with it, another --out begins a new one",
                     folder.string());
  }
  make_folder(folder);
  const RunInputs& inputs = settings.inputs;
  nlohmann::ordered_json run{{"photos", inputs.photos},           {"valid", inputs.valid}, {"init", inputs.init},
                             {"encoder", inputs.encoder},         {"vgg", inputs.vgg},     {"partial", inputs.partial},
                             {"machine", settings.machine.json()}};
  write_text(folder / "recipe.json", recipe_text(settings.recipe));
  write_text(folder / "run.json", run.dump(2) + "\n");
}

RunSettings open_run(const fs::path& folder) {
  fs::path recipe = folder / "recipe.json", run = folder / "run.json";
  RunSettings settings;
  std::string text = text_of(run);
  settings.recipe = parse_recipe({recipe.string(), text_of(recipe), {}});
  try {
    nlohmann::json json = nlohmann::json::parse(text);
    settings.inputs = {json.at("photos"),  json.at("valid"), json.at("init"),
                       json.at("encoder"), json.at("vgg"),   json.value("partial", false)};
    const nlohmann::json& machine = json.at("machine");
    settings.machine = {machine.at("device"), machine.at("max_isa"), machine.at("threads"), machine.at("versions"),
                        machine.value("conv_backend", "native")};
  } catch (const nlohmann::json::exception& error) {
    throw FileError("{}: expected what 'cuunet train' wrote, found something else ({})", run.string(), error.what());
  }
  return settings;
}

}  // namespace cuunet
