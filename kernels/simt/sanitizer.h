// AddressSanitizer's interface where it is in use, nothing elsewhere.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define CUUNET_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CUUNET_ADDRESS_SANITIZER 1
#endif
#endif

#ifdef CUUNET_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace cuunet::simt {

inline void forbid_access([[maybe_unused]] const void* begin, [[maybe_unused]] size_t bytes) {
#ifdef CUUNET_ADDRESS_SANITIZER
  __asan_poison_memory_region(begin, bytes);
#endif
}

inline void allow_access([[maybe_unused]] const void* begin, [[maybe_unused]] size_t bytes) {
#ifdef CUUNET_ADDRESS_SANITIZER
  __asan_unpoison_memory_region(begin, bytes);
#endif
}

}  // namespace cuunet::simt
