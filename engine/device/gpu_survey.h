// Which GPUs there are, and why one cannot be used. The questions to the CUDA runtime are asked in survey_gpus(); what
// the answers mean is decided here, so that it is tested where there is no GPU.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cuunet {

struct Gpu {
  std::string name;
  int major = 0, minor = 0;  // compute capability
  size_t memory = 0;         // bytes, all of it
};

struct GpuSurvey {
  bool built = false;         // whether this program has CUDA kernels
  bool driver_here = false;   // as the system shows it, asked without CUDA
  std::string architectures;  // that they were compiled for, in CMake's words: "80-real,90a-real,90"
  int needs = 0, speaks = 0;  // CUDA versions as in 13000: of this program, and the newest of the driver (0: no driver)
  std::string failure;        // what the runtime says when it cannot count the GPUs
  std::vector<Gpu> gpus;
};

// Does not make a context on any GPU.
GpuSurvey survey_gpus();

// Why this GPU cannot be used and what to do, on one line; "" when it can.
std::string gpu_obstacle(const GpuSurvey& survey, int index);

// Whether kernels for a list of architectures run on a compute capability: "80-real" on 8.0 and later 8.x, "90a-real"
// on 9.0 alone, "90" and "90-virtual" (PTX) on 9.0 and everything later. Words without a number ("native") are
// believed.
bool runs_on(std::string_view architectures, int major, int minor);

// 13020 → "13.2"
std::string cuda_version_text(int version);

}  // namespace cuunet
