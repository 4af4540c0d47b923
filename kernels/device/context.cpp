#include "kernels/device/context.h"

#include "kernels/device/error.h"
#include "kernels/device/parallel.h"

#include <cstring>

namespace cuunet {

const char* name_of(Device device) {
  switch (device) {
    case Device::cpu: return "cpu";
    case Device::cuda: return "cuda";
    case Device::simt: return "simt";
  }
  return "?";
}

Isa widest_isa_of_this_cpu() {
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq")) {
    return Isa::avx512;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return Isa::avx2;
  return Isa::baseline;
}

void Context::upload(void* device, const void* host, size_t bytes) { std::memcpy(device, host, bytes); }
void Context::download(void* host, const void* device, size_t bytes) { std::memcpy(host, device, bytes); }

void throw_not_a_float(DType dtype) { throw ShapeError("expected f32, bf16 or f64 elements, got {}", name_of(dtype)); }

}  // namespace cuunet
