// A cache folder of the test's own, gone at its end.
#pragma once

#include "tests/weights/format/temporary_folder.h"

#include <cstdlib>

namespace cuunet {

struct CacheScope {
  TemporaryFolder folder{"cache"};
  CacheScope() { setenv("CUUNET_CACHE", folder.path.c_str(), 1); }
  ~CacheScope() { unsetenv("CUUNET_CACHE"); }
};

}  // namespace cuunet
