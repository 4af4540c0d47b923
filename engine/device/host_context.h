// The Context of the CPU and of the host executor: OpenMP threads and memory from an arena.
#pragma once

#include "engine/device/arena.h"
#include "kernels/device/context.h"

#include <memory>

namespace cuunet {

struct HostOptions {
  Device device = Device::cpu;     // cpu or simt
  int threads = 0;                 // 0: as many as this process may use
  Isa widest = Isa::avx512;        // the CPU loops and oneDNN use no wider instructions than these
  size_t memory_limit = SIZE_MAX;  // bytes the arena may hold
};

class HostContext final : public Context {
 public:
  explicit HostContext(const HostOptions& options = {});
  ~HostContext() override { drop_states(); }

  void* allocate(size_t bytes) override { return arena_.allocate(bytes); }
  void release(void* pointer, size_t) override { arena_.release(pointer); }
  MemoryUse memory() const override { return {arena_.in_use(), arena_.peak(), arena_.left()}; }
  const Arena& arena() const { return arena_; }

 private:
  Arena arena_;
};

// The number of processors this process may run on (its affinity mask, not the machine's count).
int available_processors();

}  // namespace cuunet
