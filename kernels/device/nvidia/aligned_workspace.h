// Scratch memory for a library that wants it aligned to 256 bytes, as cudaMalloc gives it.
#pragma once

#include "kernels/device/context.h"

#include <cstdint>

namespace cuunet {

class AlignedWorkspace {
 public:
  AlignedWorkspace(Context& context, size_t bytes) : memory_(context, bytes > 0 ? bytes + alignment : 0) {}
  void* data() const {
    auto address = reinterpret_cast<uintptr_t>(memory_.as<char>());
    return reinterpret_cast<void*>((address + alignment - 1) / alignment * alignment);
  }

 private:
  static constexpr size_t alignment = 256;
  Workspace memory_;
};

}  // namespace cuunet
