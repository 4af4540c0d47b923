#include "engine/device/cuda/cuda_context.h"

#include "kernels/device/error.h"

#include <cuda_runtime.h>

namespace cuunet {
namespace {

void require_success(cudaError_t status, const char* what) {
  if (status != cudaSuccess) throw Error("cuda: {}: {}", what, cudaGetErrorString(status));
}

void* take_device_chunk(size_t bytes) {
  void* chunk = nullptr;
  if (cudaMalloc(&chunk, bytes) == cudaSuccess) return chunk;
  cudaGetLastError();  // so that the next launch does not report it
  return nullptr;
}

void give_device_chunk(void* chunk) { cudaFree(chunk); }

constexpr ChunkSource device_chunks{take_device_chunk, give_device_chunk};

cudaStream_t stream_of(const Context& context) { return static_cast<cudaStream_t>(context.stream); }

int checked_device(int device) {
  int count = cuda_device_count();
  if (device >= 0 && device < count) return device;
  throw Error("cuda: there is no GPU number {}, this machine has {}; run with --device cpu", device, count);
}

}  // namespace

int cuda_device_count() {
  int count = 0;
  if (cudaGetDeviceCount(&count) == cudaSuccess) return count;
  cudaGetLastError();
  return 0;
}

CudaContext::CudaContext(const CudaOptions& options)
    : Context(Device::cuda, 1, Isa::baseline),
      device_index_(checked_device(options.device)),
      arena_(options.memory_limit, device_chunks) {
  use_device();
  cudaStream_t created = nullptr;
  require_success(cudaStreamCreateWithFlags(&created, cudaStreamNonBlocking), "creating a stream");
  stream = created;
}

CudaContext::~CudaContext() {
  cudaSetDevice(device_index_);
  cudaStreamSynchronize(stream_of(*this));
  drop_states();
  cudaStreamDestroy(stream_of(*this));
}

void CudaContext::use_device() const { require_success(cudaSetDevice(device_index_), "choosing the GPU"); }

void CudaContext::upload(void* device, const void* host, size_t bytes) {
  require_success(cudaMemcpyAsync(device, host, bytes, cudaMemcpyHostToDevice, stream_of(*this)), "copying to the GPU");
  synchronize();
}

void CudaContext::download(void* host, const void* device, size_t bytes) {
  require_success(cudaMemcpyAsync(host, device, bytes, cudaMemcpyDeviceToHost, stream_of(*this)),
                  "copying from the GPU");
  synchronize();
}

void CudaContext::synchronize() {
  use_device();
  require_success(cudaStreamSynchronize(stream_of(*this)), "the work on the GPU");
}

}  // namespace cuunet
