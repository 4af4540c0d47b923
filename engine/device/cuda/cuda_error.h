// What the CUDA runtime answers.
#pragma once

#include "kernels/device/error.h"

#include <cuda_runtime.h>

namespace cuunet {

inline void require_success(cudaError_t status, const char* what) {
  if (status != cudaSuccess) throw Error("cuda: {}: {}", what, cudaGetErrorString(status));
}

}  // namespace cuunet
