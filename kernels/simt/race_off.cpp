#include "kernels/simt/race.h"

namespace cuunet::simt {

void note_access(const void*, size_t, bool, Place) {}
void race_begin_block() {}
void race_end_block() {}

}  // namespace cuunet::simt
