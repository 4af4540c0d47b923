// Which device --device asks for.
#pragma once

#include "engine/device/gpu_survey.h"
#include "kernels/device/context.h"

#include <string>

namespace cuunet {

struct DeviceChoice {
  Device device = Device::cpu;
  int gpu = 0;           // its number, on cuda
  std::string gpu_name;  // "NVIDIA A100"
  std::string note;      // where there is a GPU: which device `auto` took, and why not the GPU
};

// wanted: auto, cpu, simt, cuda, cuda:N. UsageError: another word. Error: a GPU that cannot be used. `auto` takes the
// first GPU that can be.
DeviceChoice choose_device(const std::string& wanted, const GpuSurvey& survey);

// Whether this is the word for a GPU: cuda or cuda:N.
bool names_gpu(const std::string& wanted);

}  // namespace cuunet
