#include "engine/device/host_context.h"

#include <sched.h>

#include <algorithm>

namespace cuunet {

int available_processors() {
  cpu_set_t mask;
  if (sched_getaffinity(0, sizeof mask, &mask) != 0) return 1;
  return std::max(1, CPU_COUNT(&mask));
}

HostContext::HostContext(const HostOptions& options)
    : Context(options.device, options.threads > 0 ? options.threads : available_processors(),
              std::min(options.widest, widest_isa_of_this_cpu())),
      arena_(options.memory_limit) {}

}  // namespace cuunet
