// Bytes on their way to and from a GPU, through pinned memory of the host. The copy engine reads ordinary memory only
// by way of such a buffer, while the caller waits; with a buffer of our own the caller waits for a memcpy alone.
//
// Uploads are gathered in one of two halves while the GPU may still be reading the other. Everything happens in the
// order of one stream.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>

namespace cuunet {

class PinnedStaging {
 public:
  static constexpr size_t half_bytes = size_t{8} << 20;

  // Pinned memory is taken at the first use; `stream` stays the caller's.
  explicit PinnedStaging(cudaStream_t stream) : stream_(stream) {}
  ~PinnedStaging();
  PinnedStaging(const PinnedStaging&) = delete;
  PinnedStaging& operator=(const PinnedStaging&) = delete;

  // Returns when `host` has been read; the bytes are on the GPU for what the stream does next.
  void upload(void* device, const void* host, size_t bytes);
  // Returns when `host` is written, with what the stream's work until now has made.
  void download(void* host, const void* device, size_t bytes);

 private:
  struct Half {
    char* memory = nullptr;
    cudaEvent_t read = nullptr;  // when the GPU is done with it
    size_t used = 0;
  };
  void require_memory();
  Half& with_room();

  cudaStream_t stream_;
  Half halves_[2];
  int filling_ = 0;
};

}  // namespace cuunet
