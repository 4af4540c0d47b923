#include "kernels/device/nvidia/shared_library.h"

#include "kernels/device/error.h"

#include <dlfcn.h>

namespace cuunet {

SharedLibrary::SharedLibrary(const std::vector<std::string>& files) {
  std::string reason;
  for (const std::string& file : files) {
    file_ = file;
    library_ = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library_ != nullptr) return;
    const char* why = dlerror();
    if (reason.empty()) reason = why != nullptr ? why : "no reason given";
  }
  throw Error("{} cannot be loaded ({}); put its folder into LD_LIBRARY_PATH, or take --conv-backend native",
              files.empty() ? "?" : files.front(), reason);
}

void* SharedLibrary::function(const char* name) const {
  void* address = dlsym(library_, name);
  if (address == nullptr) throw Error("{} has no function {}; another version is needed", file_, name);
  return address;
}

}  // namespace cuunet
