#include "tools/device_choice.h"

#include "kernels/device/error.h"

namespace cuunet {
namespace {

bool is_number(const std::string& text) {
  return !text.empty() && text.size() < 5 && text.find_first_not_of("0123456789") == std::string::npos;
}

DeviceChoice choose_automatically(const GpuSurvey& survey) {
  for (size_t i = 0; i < survey.gpus.size(); ++i) {
    auto number = static_cast<int>(i);
    if (!gpu_obstacle(survey, number).empty()) continue;
    const std::string& name = survey.gpus[i].name;
    return {Device::cuda, number, name, fmt::format("running on cuda:{} ({})", number, name)};
  }
  if (!survey.driver_here) return {};
  return {.note = fmt::format("running on the cpu: {}", gpu_obstacle(survey, 0))};
}

}  // namespace

bool names_gpu(const std::string& wanted) {
  return wanted == "cuda" || (wanted.starts_with("cuda:") && is_number(wanted.substr(5)));
}

DeviceChoice choose_device(const std::string& wanted, const GpuSurvey& survey) {
  if (wanted == "cpu") return {};
  if (wanted == "simt") return {.device = Device::simt};
  if (wanted == "auto") return choose_automatically(survey);
  if (!names_gpu(wanted)) {
    throw UsageError("--device takes auto, cpu, cuda, cuda:N (verify also: simt), got '{}'", wanted);
  }
  int number = wanted == "cuda" ? 0 : std::stoi(wanted.substr(5));
  std::string obstacle = gpu_obstacle(survey, number);
  if (!obstacle.empty()) throw Error("--device {}: {}", wanted, obstacle);
  return {.device = Device::cuda, .gpu = number, .gpu_name = survey.gpus[static_cast<size_t>(number)].name};
}

}  // namespace cuunet
