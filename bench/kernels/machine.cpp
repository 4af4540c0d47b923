#include "bench/kernels/machine.h"

#include "engine/device/host_context.h"
#include "kernels/device/error.h"

#include <chrono>
#include <cstdlib>

#ifdef CUUNET_CUDA
#include "engine/device/cuda/cuda_context.h"

#include <cuda_runtime.h>
#endif

namespace cuunet::bench {
namespace {

double seconds_by_clock(int runs, const std::function<void()>& call) {
  auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < runs; ++i) call();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

Machine cpu() {
  HostContext probe;
  auto context = std::make_unique<HostContext>();
  std::string name = fmt::format("cpu, {} threads", context->threads());
  return {name, std::move(context), cpu_limits(probe), seconds_by_clock};
}

#ifdef CUUNET_CUDA
void require_success(cudaError_t status, const char* what) {
  if (status != cudaSuccess) throw Error("cuda: {}: {}", what, cudaGetErrorString(status));
}

GpuFacts facts_of(int device) {
  auto attribute = [device](cudaDeviceAttr name) {
    int value = 0;
    require_success(cudaDeviceGetAttribute(&value, name, device), "asking for what the GPU has");
    return value;
  };
  cudaDeviceProp properties;
  require_success(cudaGetDeviceProperties(&properties, device), "asking for the GPU's name");
  return {.name = properties.name,
          .major = properties.major,
          .minor = properties.minor,
          .multiprocessors = properties.multiProcessorCount,
          .clock = attribute(cudaDevAttrClockRate) * 1e3,
          .memory_clock = attribute(cudaDevAttrMemoryClockRate) * 1e3,
          .bus_bits = attribute(cudaDevAttrGlobalMemoryBusWidth)};
}

struct StreamClock {
  explicit StreamClock(void* on) : stream(static_cast<cudaStream_t>(on)) {
    require_success(cudaEventCreate(&start), "creating an event");
    require_success(cudaEventCreate(&end), "creating an event");
  }
  ~StreamClock() { cudaEventDestroy(start), cudaEventDestroy(end); }
  StreamClock(const StreamClock&) = delete;

  double seconds_of(int runs, const std::function<void()>& call) const {
    require_success(cudaEventRecord(start, stream), "recording an event");
    for (int i = 0; i < runs; ++i) call();
    require_success(cudaEventRecord(end, stream), "recording an event");
    require_success(cudaEventSynchronize(end), "the work on the GPU");
    float milliseconds = 0;
    require_success(cudaEventElapsedTime(&milliseconds, start, end), "timing");
    return static_cast<double>(milliseconds) * 1e-3;
  }
  cudaStream_t stream;
  cudaEvent_t start = nullptr, end = nullptr;
};

Machine gpu(int device) {
  auto context = std::make_unique<CudaContext>(CudaOptions{.device = device});
  GpuFacts facts = facts_of(device);
  auto clock = std::make_shared<StreamClock>(context->stream);
  return {facts.name, std::move(context), gpu_limits(facts),
          [clock](int runs, const std::function<void()>& call) { return clock->seconds_of(runs, call); }, 10};
}
#endif

}  // namespace

Machine machine_named(const std::string& device) {
  if (device == "cpu") return cpu();
  if (!device.starts_with("cuda")) throw UsageError("--device takes cpu, cuda or cuda:N, got '{}'", device);
#ifdef CUUNET_CUDA
  return gpu(device.size() > 5 ? std::atoi(device.c_str() + 5) : 0);
#else
  throw Error("--device {}: these benchmarks were built without CUDA; run with --device=cpu", device);
#endif
}

}  // namespace cuunet::bench
