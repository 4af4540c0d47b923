// The parts of stb_image and stb_image_write that are compiled in, with a ceiling on single allocations: a small file
// can unpack to gigabytes, and the library's inflate does not know how much is enough.
#pragma once

#define STBI_ONLY_PNG
#define STBI_ONLY_BMP
#define STBI_NO_STDIO
#define STBI_WRITE_NO_STDIO
#include <cstddef>

#include <stb_image.h>

#include <stb_image_write.h>

namespace cuunet {

// While it lives, this thread's decoder gets no block larger than `bytes`.
class StbCeiling {
 public:
  explicit StbCeiling(size_t bytes);
  ~StbCeiling();
  StbCeiling(const StbCeiling&) = delete;
  StbCeiling& operator=(const StbCeiling&) = delete;
};

}  // namespace cuunet
