#include "tools/commands/doctor.h"

#include "engine/device/host_context.h"
#include "kernels/conv/conv2d.h"
#include "kernels/device/error.h"
#include "tools/program.h"

#include <dlfcn.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
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

// Whether the NVIDIA driver is there and sees a GPU; the driver is asked, not linked.
std::string gpu_finding() {
  void* driver = dlopen("libcuda.so.1", RTLD_LAZY);
  if (driver == nullptr) return "none: no NVIDIA driver (libcuda.so.1) on this machine";
  auto* initialise = reinterpret_cast<int (*)(unsigned)>(dlsym(driver, "cuInit"));
  auto* count_devices = reinterpret_cast<int (*)(int*)>(dlsym(driver, "cuDeviceGetCount"));
  int count = 0;
  if (initialise == nullptr || count_devices == nullptr) return "none: the NVIDIA driver lacks cuInit";
  if (int code = initialise(0); code != 0) return fmt::format("none: the NVIDIA driver says error {}", code);
  if (count_devices(&count) != 0 || count == 0) return "none: the NVIDIA driver sees no GPU";
  return fmt::format("{} seen by the driver; this build does not use it", count);
}

std::string device_finding(const Program& program) {
  std::string obstacle = program.device_obstacle();
  if (!obstacle.empty()) return fmt::format("{}: {}", program.device, obstacle);
  return program.device == "auto" ? "cpu: the networks do not run on a GPU yet" : program.device;
}

nlohmann::ordered_json findings(const Program& program) {
  HostContext context({.threads = program.threads});
  bool bf16 = __builtin_cpu_supports("avx512bf16") != 0;
  return {{"cpu", cpu_name()},
          {"instructions", name_of(context.isa())},
          {"bf16", bf16 ? "in hardware" : "emulated: f32 is faster here"},
          {"threads", context.threads()},
          {"memory_gib", gib(memory_bytes(_SC_PHYS_PAGES))},
          {"memory_free_gib", gib(memory_bytes(_SC_AVPHYS_PAGES))},
          {"convolutions", cpu_convolutions()},
          {"gpu", gpu_finding()},
          {"device", device_finding(program)}};
}

void print(const nlohmann::ordered_json& found) {
  for (const auto& [name, value] : found.items()) {
    std::string text = value.is_string()         ? value.get<std::string>()
                       : value.is_number_float() ? fmt::format("{:.1f}", value.get<double>())
                                                 : value.dump();
    fmt::print("{:<16} {}\n", name, text);
  }
}

}  // namespace

void add_doctor(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand("doctor", "what was found on this machine, and what will be used");
  command->footer("Examples:\n  cuunet doctor\n  cuunet doctor --device cuda --json");
  command->callback([&program] {
    nlohmann::ordered_json found = findings(program);
    if (program.json)
      fmt::print("{}\n", found.dump(2));
    else
      print(found);
  });
}

}  // namespace cuunet
