// The Context of a GPU: a stream for kernels, one for uploads beside them, and memory from an arena over cudaMalloc.
// Built with CUUNET_CUDA only. Kernels and copies run in the stream's order, so memory that is given back may be handed
// out again at once. A thread drives one GPU: that of the context it made last.
#pragma once

#include "engine/device/arena.h"
#include "kernels/device/context.h"

#include <memory>

namespace cuunet {

struct CudaOptions {
  int device = 0;
  int threads = 0;                 // of the CPU, for what is loaded and checked there; 0: all this process may use
  Isa widest = Isa::avx512;        // and the instructions it may use
  size_t memory_limit = SIZE_MAX;  // bytes the arena may hold
};

class CudaContext final : public Context {
 public:
  // An Error that says what to do when the GPU cannot be used; see gpu_survey.h.
  explicit CudaContext(const CudaOptions& options = {});
  ~CudaContext() override;

  // OutOfMemory: with what was needed and what the GPU has.
  void* allocate(size_t bytes) override;
  void release(void* pointer, size_t) override { arena_.release(pointer); }

  bool memory_is_host() const override { return false; }
  void upload(void* device, const void* host, size_t bytes) override;
  void download(void* host, const void* device, size_t bytes) override;
  void upload_ahead(void* device, const void* host, size_t bytes) override;
  void join_uploads() override;
  void synchronize() override;
  MemoryUse memory() const override;

  const Arena& arena() const { return arena_; }

 private:
  struct Streams;  // the CUDA runtime stays out of this header

  Arena arena_;
  std::unique_ptr<Streams> streams_;
};

}  // namespace cuunet
