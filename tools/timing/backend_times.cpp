#include "tools/timing/backend_times.h"

#include "engine/io/atomic_file.h"
#include "kernels/device/backend.h"
#include "kernels/device/error.h"
#include "tools/cache_folder.h"

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

namespace cuunet {
namespace {

using nlohmann::json;

// JSON has no infinity: null stands for what could not be run.
json as_json(double time) { return std::isfinite(time) ? json(time) : json(nullptr); }
double as_time(const json& value) {
  return value.is_null() ? std::numeric_limits<double>::infinity() : value.get<double>();
}

std::map<std::string, BackendTimes> read(const std::filesystem::path& file, const std::string& machine) {
  std::ifstream stream(file);
  std::map<std::string, BackendTimes> measured;
  if (!stream) return measured;
  try {
    json kept = json::parse(stream);
    if (kept.at("machine") != machine) return measured;
    for (const auto& [key, times] : kept.at("times_us").items()) {
      measured[key] = {as_time(times.at("native")), as_time(times.at("library"))};
    }
  } catch (const json::exception&) {
    throw FileError("{} is not a file of times; delete it and they are measured again", file.string());
  }
  return measured;
}

void write(const std::filesystem::path& file, const std::string& machine, const Backends& backends) {
  json times = json::object();
  for (const auto& [key, time] : backends.measured) {
    times[key] = {{"native", as_json(time.native)}, {"library", as_json(time.library)}};
  }
  if (file.has_parent_path()) make_folder(file.parent_path());
  std::string text = json{{"machine", machine}, {"times_us", times}}.dump(1) + "\n";
  write_file(file, std::as_bytes(std::span(text)), Existing::replace);
}

}  // namespace

void keep_backend_times(Context& context, const std::filesystem::path& file, const std::string& machine) {
  Backends& backends = context.state<Backends>();
  backends.measured = read(file, machine);
  backends.remember = [file, machine](const Backends& now) { write(file, machine, now); };
}

std::filesystem::path backend_times_file() { return cache_folder() / "backend_times.json"; }

}  // namespace cuunet
