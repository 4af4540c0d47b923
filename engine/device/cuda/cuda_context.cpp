#include "engine/device/cuda/cuda_context.h"

#include "engine/device/cuda/cuda_error.h"
#include "engine/device/cuda/pinned_staging.h"
#include "engine/device/gpu_survey.h"
#include "engine/device/host_context.h"

#include <algorithm>

namespace cuunet {
namespace {

void* take_device_chunk(size_t bytes) {
  void* chunk = nullptr;
  if (cudaMalloc(&chunk, bytes) == cudaSuccess) return chunk;
  cudaGetLastError();  // so that the next launch does not report it
  return nullptr;
}

void give_device_chunk(void* chunk) { cudaFree(chunk); }

constexpr ChunkSource device_chunks{take_device_chunk, give_device_chunk};

struct DeviceMemory {
  size_t free = 0, total = 0;
};

DeviceMemory device_memory() {
  DeviceMemory memory;
  require_success(cudaMemGetInfo(&memory.free, &memory.total), "asking for the GPU's memory");
  return memory;
}

struct OwnStream {
  OwnStream() { require_success(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "creating a stream"); }
  ~OwnStream() { cudaStreamDestroy(stream); }
  OwnStream(const OwnStream&) = delete;
  OwnStream& operator=(const OwnStream&) = delete;
  cudaStream_t stream = nullptr;
};

double mib(size_t bytes) { return static_cast<double>(bytes) / (1 << 20); }

}  // namespace

struct CudaContext::Streams {
  Streams() { require_success(cudaEventCreateWithFlags(&reached, cudaEventDisableTiming), "creating an event"); }
  ~Streams() { cudaEventDestroy(reached); }
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;

  // What `then` does from here on comes after what `first` has to do until here.
  void order(cudaStream_t first, cudaStream_t then) {
    require_success(cudaEventRecord(reached, first), "recording an event");
    require_success(cudaStreamWaitEvent(then, reached, 0), "ordering streams");
  }

  OwnStream kernels, ahead;
  cudaEvent_t reached = nullptr;
  PinnedStaging staging{kernels.stream}, staging_ahead{ahead.stream};
};

CudaContext::CudaContext(const CudaOptions& options)
    : Context(Device::cuda, options.threads > 0 ? options.threads : available_processors(),
              std::min(options.widest, widest_isa_of_this_cpu())),
      arena_(options.memory_limit, device_chunks) {
  std::string obstacle = gpu_obstacle(survey_gpus(), options.device);
  if (!obstacle.empty()) throw Error("cuda: {}", obstacle);
  require_success(cudaSetDevice(options.device), "choosing the GPU");
  streams_ = std::make_unique<Streams>();
  stream = streams_->kernels.stream;
}

CudaContext::~CudaContext() {
  cudaStreamSynchronize(streams_->kernels.stream);
  drop_states();
}

void* CudaContext::allocate(size_t bytes) {
  try {
    return arena_.allocate(bytes);
  } catch (const OutOfMemory&) {
    DeviceMemory device = device_memory();
    throw OutOfMemory(
        "the GPU's memory is full: {:.1f} MiB more needed, {:.1f} MiB in use here, {:.1f} of {:.1f} MiB free",
        mib(bytes), mib(arena_.in_use()), mib(device.free), mib(device.total));
  }
}

void CudaContext::upload(void* device, const void* host, size_t bytes) {
  streams_->staging.upload(device, host, bytes);
}
void CudaContext::download(void* host, const void* device, size_t bytes) {
  streams_->staging.download(host, device, bytes);
}
void CudaContext::upload_ahead(void* device, const void* host, size_t bytes) {
  streams_->staging_ahead.upload(device, host, bytes);
}

void CudaContext::join_uploads() {
  streams_->order(streams_->ahead.stream, streams_->kernels.stream);
  streams_->order(streams_->kernels.stream, streams_->ahead.stream);
}

void CudaContext::synchronize() {
  require_success(cudaStreamSynchronize(streams_->kernels.stream), "the work on the GPU");
}

MemoryUse CudaContext::memory() const {
  size_t unused = arena_.reserved() - arena_.in_use();
  return {arena_.in_use(), arena_.peak(), std::min(device_memory().free + unused, arena_.left())};
}

}  // namespace cuunet
