#include "tools/cache_folder.h"

#include <cstdlib>

namespace cuunet {

std::filesystem::path cache_folder() {
  auto folder = [](const char* variable) {
    const char* value = std::getenv(variable);
    return std::filesystem::path(value != nullptr ? value : "");
  };
  if (auto own = folder("CUUNET_CACHE"); !own.empty()) return own;
  std::filesystem::path cache = folder("XDG_CACHE_HOME");
  if (cache.empty()) cache = folder("HOME") / ".cache";
  return cache / "cuunet";
}

}  // namespace cuunet
