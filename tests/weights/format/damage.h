// Files as they come from damaged disks.
#pragma once

#include "kernels/device/philox.h"

#include <string>

namespace cuunet {

// Turns one to four bits, drawn anywhere.
inline void flip_bits(std::string& bytes, RandomStream& random) {
  for (int64_t flips = 1 + random.below(4); flips > 0; --flips) {
    bytes[static_cast<size_t>(random.below(static_cast<int64_t>(bytes.size())))] ^=
        static_cast<char>(1 << random.below(8));
  }
}

}  // namespace cuunet
