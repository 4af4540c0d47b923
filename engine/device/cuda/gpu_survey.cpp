#include "engine/device/gpu_survey.h"

#include <cuda_runtime.h>

namespace cuunet {
namespace {

Gpu gpu_numbered(int index) {
  cudaDeviceProp properties{};
  if (cudaGetDeviceProperties(&properties, index) != cudaSuccess) {
    cudaGetLastError();
    return {.name = "unknown GPU"};
  }
  return {.name = properties.name,
          .major = properties.major,
          .minor = properties.minor,
          .memory = properties.totalGlobalMem};
}

}  // namespace

GpuSurvey survey_gpus() {
  GpuSurvey survey{.built = true, .architectures = CUUNET_ARCHITECTURES};
  cudaRuntimeGetVersion(&survey.needs);
  cudaDriverGetVersion(&survey.speaks);
  survey.driver_here = survey.speaks > 0;
  int count = 0;
  cudaError_t status = cudaGetDeviceCount(&count);
  cudaGetLastError();  // so that the next launch does not report it
  if (status != cudaSuccess && status != cudaErrorNoDevice) survey.failure = cudaGetErrorString(status);
  for (int i = 0; status == cudaSuccess && i < count; ++i) survey.gpus.push_back(gpu_numbered(i));
  return survey;
}

}  // namespace cuunet
