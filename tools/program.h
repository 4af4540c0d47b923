// What every command of the program shares: the options before or after its name, and the exit code.
// Exit codes: 0 done, 1 failed, 2 wrong usage, 3 some inputs failed, 130 interrupted.
#pragma once

#include "kernels/device/context.h"
#include "kernels/device/dtype.h"
#include "tools/device_choice.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace CLI {
class App;
}

namespace cuunet {

struct Program {
  std::string device = "auto";          // auto, cpu, cuda, cuda:N; simt for verify
  std::string precision = "f32";        // f32, tf32 (cuda), bf16; f64 for verify
  std::string conv_backend = "native";  // who convolves and multiplies on cuda: native, cudnn, auto
  std::string max_isa = "avx512";       // the widest instructions of the CPU loops: baseline, avx2, avx512
  int threads = 0;                      // 0: all processors this process may use
  uint64_t seed = 1;
  bool json = false;
  std::string invoked_as = "cuunet";  // how to call the program again
  int exit_code = 0;

  // The Context that the options ask for; says on stderr when `auto` chose with a GPU in view. An Error that says what
  // is missing when it cannot be had.
  // `backend_times`: where --conv-backend auto keeps its times; empty: backend_times_file().
  std::unique_ptr<Context> make_context(const std::filesystem::path& backend_times = {}) const;
  // Error, UsageError: as choose_device says.
  DeviceChoice choose() const;
  // UsageError, Error: a device or precision that does not exist, or that this command, build or machine has not. Where
  // a command uses no device, a line on stderr tells who asked for one.
  void require_usable(const std::string& command) const;
  // UsageError, Error: a --conv-backend that does not exist, that this device has not, or whose library cannot be
  // loaded.
  void require_backend() const;
  // The type of feature maps that the precision asks for.
  DType feature_dtype() const;
};

// Enters every command into the command line; one function per file of tools/commands.
void add_commands(CLI::App& app, Program& program);

// Runs the command line and returns the exit code.
int run_program(int argc, char** argv);

}  // namespace cuunet
