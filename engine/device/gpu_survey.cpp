#include "engine/device/gpu_survey.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>

namespace cuunet {
namespace {

constexpr const char* else_cpu = "or run with --device cpu";

// The driver answers for kernels of its own major version.
int needed_major(const GpuSurvey& survey) { return survey.needs / 1000; }

std::string counting_obstacle(const GpuSurvey& survey) {
  if (!survey.built) {
    return fmt::format("this program was built without CUDA; build it with -DCUUNET_CUDA=ON, {}", else_cpu);
  }
  if (survey.speaks == 0) {
    return fmt::format("no NVIDIA driver was found on this machine; install one for CUDA {}.0 or later, {}",
                       needed_major(survey), else_cpu);
  }
  if (survey.speaks / 1000 < needed_major(survey)) {
    return fmt::format("the NVIDIA driver speaks CUDA {}, this program needs {}.0 or later; update the driver, {}",
                       cuda_version_text(survey.speaks), needed_major(survey), else_cpu);
  }
  if (!survey.failure.empty())
    return fmt::format("the NVIDIA driver says: {}; see whether nvidia-smi works, {}", survey.failure, else_cpu);
  if (survey.gpus.empty()) {
    return fmt::format(
        "the NVIDIA driver shows no GPU to this program (see CUDA_VISIBLE_DEVICES); make one visible, {}", else_cpu);
  }
  return "";
}

bool architecture_runs_on(std::string_view architecture, int major, int minor) {
  int number = 0;
  auto [rest, error] = std::from_chars(architecture.data(), architecture.data() + architecture.size(), number);
  if (error != std::errc()) return true;
  std::string_view suffix = architecture.substr(static_cast<size_t>(rest - architecture.data()));
  int capability = 10 * major + minor;
  if (suffix.starts_with('a')) return capability == number;
  bool same_major = number / 10 == major;
  if (suffix == "-real" || suffix.starts_with('f')) return same_major && capability >= number;
  return capability >= number;
}

}  // namespace

std::string cuda_version_text(int version) { return fmt::format("{}.{}", version / 1000, version % 1000 / 10); }

bool runs_on(std::string_view architectures, int major, int minor) {
  while (!architectures.empty()) {
    size_t end = architectures.find(',');
    if (architecture_runs_on(architectures.substr(0, end), major, minor)) return true;
    architectures = end == std::string_view::npos ? "" : architectures.substr(end + 1);
  }
  return false;
}

std::string gpu_obstacle(const GpuSurvey& survey, int index) {
  std::string obstacle = counting_obstacle(survey);
  if (!obstacle.empty()) return obstacle;
  if (index < 0 || index >= static_cast<int>(survey.gpus.size())) {
    return fmt::format("there is no GPU number {}, this machine has {}, counted from 0; take one of them, {}", index,
                       survey.gpus.size(), else_cpu);
  }
  const Gpu& gpu = survey.gpus[static_cast<size_t>(index)];
  if (!runs_on(survey.architectures, gpu.major, gpu.minor)) {
    return fmt::format(
        "the {} has compute capability {}.{}, this program was built for {}; kernels are for 8.0 and later: build it "
        "with -DCUUNET_CUDA_ARCHITECTURES=native, {}",
        gpu.name, gpu.major, gpu.minor, survey.architectures, else_cpu);
  }
  return "";
}

#ifndef CUUNET_CUDA
GpuSurvey survey_gpus() { return {.driver_here = std::filesystem::exists("/proc/driver/nvidia/version")}; }
#endif

}  // namespace cuunet
