// The Context of a GPU: a stream of its own and memory from an arena over cudaMalloc. Built with CUUNET_CUDA only.
// Kernels and copies run in the stream's order, so memory that is given back may be handed out again at once.
#pragma once

#include "engine/device/arena.h"
#include "kernels/device/context.h"

namespace cuunet {

// The number of GPUs this process may use; 0 without a driver.
int cuda_device_count();

struct CudaOptions {
  int device = 0;
  size_t memory_limit = SIZE_MAX;  // bytes the arena may hold
};

class CudaContext final : public Context {
 public:
  // Throws an Error that says how many GPUs there are when `device` is not one of them.
  explicit CudaContext(const CudaOptions& options = {});
  ~CudaContext() override;

  void* allocate(size_t bytes) override { return arena_.allocate(bytes); }
  void release(void* pointer, size_t) override { arena_.release(pointer); }

  // Return when the bytes are there.
  void upload(void* device, const void* host, size_t bytes);
  void download(void* host, const void* device, size_t bytes);
  // Waits for all work of the stream; throws what went wrong in it.
  void synchronize();

  const Arena& arena() const { return arena_; }

 private:
  void use_device() const;

  int device_index_;
  Arena arena_;
};

}  // namespace cuunet
