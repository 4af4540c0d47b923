// The folder of a training run, beside what trainer.h keeps there:
//   recipe.json   the resolved recipe, every field written out
//   run.json      what else decides the run: photographs, weight files, device, threads, library versions
//   backend_times.json   with --conv-backend auto: what chose the libraries or our kernels
//   (tools/timing/backend_times.h)
// so that --resume needs nothing but the folder.
#pragma once

#include "kernels/device/context.h"
#include "tools/training/recipe.h"

#include <filesystem>
#include <nlohmann/json_fwd.hpp>

namespace cuunet {

struct RunInputs {
  std::string photos, valid;       // folders; valid may be empty
  std::string init, encoder, vgg;  // weight files, or empty
  bool partial = false;            // of a weight file whatever fits
  bool operator==(const RunInputs&) const = default;
};

// What beside recipe and photographs decides the bits of a run.
struct RunMachine {
  std::string device = "cpu", max_isa = "avx512";
  int threads = 1;
  std::string versions;  // program, convolutions, compiler
  std::string conv_backend = "native";
  bool operator==(const RunMachine&) const = default;
  nlohmann::json json() const;
};
RunMachine machine_of(Context& context);

struct RunSettings {
  Recipe recipe;
  RunInputs inputs;
  RunMachine machine;
};

// For the length of a scope this process has the run folder to itself. Error: another one has it. A process that dies
// gives it back.
class RunLock {
 public:
  explicit RunLock(const std::filesystem::path& folder);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  int descriptor_;
};

bool holds_run(const std::filesystem::path& folder);
// UsageError when a run is there already.
void create_run(const std::filesystem::path& folder, const RunSettings& settings);
// FileError: no run there, or its files cannot be understood.
RunSettings open_run(const std::filesystem::path& folder);

}  // namespace cuunet
