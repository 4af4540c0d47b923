// The race checker: two threads touch the same byte of shared memory between the same two barriers, one of them
// writing. In the race build (CUUNET_RACE) the kernels are compiled with -fsanitize=thread and linked with our own
// hooks instead of that sanitizer's library; in other builds these functions do nothing.
#pragma once

#include "kernels/simt/executor.h"

namespace cuunet::simt {

// Forgets all accesses.
void race_begin_block();
// Throws the first race of the block, which names the threads and both lines.
void race_end_block();

}  // namespace cuunet::simt
