#include "tools/commands/doctor.h"

#include "engine/device/host_context.h"
#include "kernels/conv/conv2d.h"
#include "kernels/device/backend.h"
#include "kernels/device/error.h"
#include "tools/cache_folder.h"
#include "tools/command.h"
#include "tools/fetching/http.h"
#include "tools/fetching/public_weights.h"
#include "tools/program.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace cuunet {
namespace {

std::string cpu_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

const char* name_of(Isa isa) {
  switch (isa) {
    case Isa::avx512: return "AVX-512";
    case Isa::avx2: return "AVX2";
    case Isa::baseline: return "x86-64-v2";
  }
  return "?";
}

double gib(double bytes) { return bytes / (1 << 30); }
double memory_bytes(int name) {
  return static_cast<double>(sysconf(name)) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

std::string gpu_finding(const GpuSurvey& survey) {
  if (!survey.built) {
    return survey.driver_here ? "an NVIDIA driver is there, but this program was built without CUDA"
                              : "none: no NVIDIA driver on this machine, and this program was built without CUDA";
  }
  if (survey.gpus.empty()) return "none: " + gpu_obstacle(survey, 0);
  return fmt::format("{} found; the driver speaks CUDA {}, this program was built with {} for {}", survey.gpus.size(),
                     cuda_version_text(survey.speaks), cuda_version_text(survey.needs), survey.architectures);
}

// Each GPU in words, with what keeps it from being used.
nlohmann::ordered_json gpu_list(const GpuSurvey& survey) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (size_t i = 0; i < survey.gpus.size(); ++i) {
    const Gpu& gpu = survey.gpus[i];
    std::string obstacle = gpu_obstacle(survey, static_cast<int>(i));
    list.push_back({{"name", gpu.name},
                    {"compute_capability", fmt::format("{}.{}", gpu.major, gpu.minor)},
                    {"memory_gib", gib(static_cast<double>(gpu.memory))},
                    {"usable", obstacle.empty()},
                    {"obstacle", obstacle}});
  }
  return list;
}

std::string device_finding(const Program& program) {
  try {
    DeviceChoice choice = program.choose();
    return choice.device == Device::cuda ? fmt::format("cuda:{}", choice.gpu) : name_of(choice.device);
  } catch (const Error& error) {
    return std::string(error.what()).substr(std::strlen("--device "));
  }
}

std::string cudnn_finding() {
  std::string obstacle = cudnn_obstacle();
  return obstacle.empty() ? cudnn_version() : "none: " + obstacle;
}

std::string weights_finding() {
  auto all = public_weights();
  auto there = std::ranges::count_if(all, [](const auto& one) { return std::filesystem::exists(kept_at(one)); });
  return fmt::format("{} of {} public files in {}", there, all.size(), cache_folder().string());
}

nlohmann::ordered_json findings(const Program& program) {
  HostContext context({.threads = program.threads});
  GpuSurvey survey = survey_gpus();
  bool bf16 = __builtin_cpu_supports("avx512bf16") != 0;
  return {{"cpu", cpu_name()},
          {"instructions", name_of(context.isa())},
          {"bf16", bf16 ? "in hardware" : "emulated: f32 is faster here"},
          {"threads", context.threads()},
          {"memory_gib", gib(memory_bytes(_SC_PHYS_PAGES))},
          {"memory_free_gib", gib(memory_bytes(_SC_AVPHYS_PAGES))},
          {"convolutions", cpu_convolutions()},
          {"gpu", gpu_finding(survey)},
          {"gpus", gpu_list(survey)},
          {"cudnn", cudnn_finding()},
          {"weights", weights_finding()},
          {"network", http_obstacle().empty() ? "for cuunet fetch" : "none: " + http_obstacle()},
          {"device", device_finding(program)}};
}

void print_gpus(const nlohmann::ordered_json& gpus) {
  for (size_t i = 0; i < gpus.size(); ++i) {
    const nlohmann::ordered_json& gpu = gpus[i];
    std::string obstacle = gpu["obstacle"];
    fmt::print("{:<16} {}, compute capability {}, {:.1f} GiB{}\n", fmt::format("gpu {}", i),
               gpu["name"].get<std::string>(), gpu["compute_capability"].get<std::string>(),
               gpu["memory_gib"].get<double>(), obstacle.empty() ? "" : ": " + obstacle);
  }
}

void print(const nlohmann::ordered_json& found) {
  for (const auto& [name, value] : found.items()) {
    if (value.is_array()) {
      print_gpus(value);
      continue;
    }
    std::string text = value.is_string()         ? value.get<std::string>()
                       : value.is_number_float() ? fmt::format("{:.1f}", value.get<double>())
                                                 : value.dump();
    fmt::print("{:<16} {}\n", name, text);
  }
}

}  // namespace

void add_doctor(CLI::App& app, Program& program) {
  Command command(app, "doctor", "what was found on this machine, and what will be used",
                  "Examples:\n  cuunet doctor\n  cuunet doctor --device cuda --json");
  command.calls([&program] {
    nlohmann::ordered_json found = findings(program);
    if (program.json)
      fmt::print("{}\n", found.dump(2));
    else
      print(found);
  });
}

}  // namespace cuunet
