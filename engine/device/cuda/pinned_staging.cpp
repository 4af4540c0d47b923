#include "engine/device/cuda/pinned_staging.h"

#include "engine/device/cuda/cuda_error.h"

#include <algorithm>
#include <cstring>

namespace cuunet {
namespace {

constexpr size_t alignment = 64;

}  // namespace

PinnedStaging::~PinnedStaging() {
  cudaStreamSynchronize(stream_);
  for (Half& half : halves_) {
    if (half.read != nullptr) cudaEventDestroy(half.read);
    if (half.memory != nullptr) cudaFreeHost(half.memory);
  }
}

void PinnedStaging::require_memory() {
  if (halves_[1].memory != nullptr) return;
  for (Half& half : halves_) {
    void* memory = nullptr;
    require_success(cudaEventCreateWithFlags(&half.read, cudaEventDisableTiming), "creating an event");
    require_success(cudaMallocHost(&memory, half_bytes), "taking pinned memory of the host");
    half.memory = static_cast<char*>(memory);
  }
}

// The half that is being filled, or when that is full the other one, once the GPU has read it.
PinnedStaging::Half& PinnedStaging::with_room() {
  require_memory();
  Half& half = halves_[filling_];
  if (half.used < half_bytes) return half;
  require_success(cudaEventRecord(half.read, stream_), "recording an event");
  filling_ = 1 - filling_;
  Half& other = halves_[filling_];
  require_success(cudaEventSynchronize(other.read), "copying to the GPU");  // at once when it was never recorded
  other.used = 0;
  return other;
}

void PinnedStaging::upload(void* device, const void* host, size_t bytes) {
  auto* to = static_cast<char*>(device);
  auto* from = static_cast<const char*>(host);
  while (bytes > 0) {
    Half& half = with_room();
    size_t part = std::min(bytes, half_bytes - half.used);
    char* staged = half.memory + half.used;
    std::memcpy(staged, from, part);
    require_success(cudaMemcpyAsync(to, staged, part, cudaMemcpyHostToDevice, stream_), "copying to the GPU");
    half.used = std::min(half_bytes, (half.used + part + alignment - 1) / alignment * alignment);
    to += part;
    from += part;
    bytes -= part;
  }
}

// Each part waits for its own copy: what is read back is small (losses) or seldom (checkpoints, pictures).
void PinnedStaging::download(void* host, const void* device, size_t bytes) {
  require_memory();
  require_success(cudaStreamSynchronize(stream_), "the work on the GPU");
  halves_[0].used = halves_[1].used = 0;
  auto* to = static_cast<char*>(host);
  auto* from = static_cast<const char*>(device);
  while (bytes > 0) {
    size_t part = std::min(bytes, half_bytes);
    char* staged = halves_[filling_].memory;
    require_success(cudaMemcpyAsync(staged, from, part, cudaMemcpyDeviceToHost, stream_), "copying from the GPU");
    require_success(cudaStreamSynchronize(stream_), "the work on the GPU");
    std::memcpy(to, staged, part);
    to += part;
    from += part;
    bytes -= part;
  }
}

}  // namespace cuunet
