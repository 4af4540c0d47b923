#include <cstddef>
#include <cstdlib>

namespace {

thread_local size_t ceiling = 0;

void* bounded_malloc(size_t bytes) { return bytes <= ceiling ? std::malloc(bytes) : nullptr; }
void* bounded_realloc(void* block, size_t bytes) { return bytes <= ceiling ? std::realloc(block, bytes) : nullptr; }

}  // namespace

#define STBI_MALLOC(bytes) bounded_malloc(bytes)
#define STBI_REALLOC(block, bytes) bounded_realloc(block, bytes)
#define STBI_FREE(block) std::free(block)
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_WRITE_IMPLEMENTATION
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#pragma GCC diagnostic ignored "-Wsign-compare"
#include "engine/io/stb.h"
#pragma GCC diagnostic pop

namespace cuunet {

StbCeiling::StbCeiling(size_t bytes) { ceiling = bytes; }
StbCeiling::~StbCeiling() { ceiling = 0; }

}  // namespace cuunet
