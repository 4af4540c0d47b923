#include "kernels/simt/executor.h"

namespace cuunet::simt {

void note_access(const void*, size_t, bool, Place) {}

}  // namespace cuunet::simt
