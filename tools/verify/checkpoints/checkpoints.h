// The family checkpoints: files of weights that have to be read with exactly the listed numbers, and files that have to
// be refused with what is wrong with them, without harm.
#pragma once

#include "tools/verify/verify.h"

namespace cuunet {

void run_checkpoint_case(Context&, const Case&, const VerifyOptions&, Comparison&);

// Of a good file each tensor's layout, probes and values, and the other leaves of the object; of a bad one that it is
// refused as it should be.
std::vector<Case::Listed> listed_in_checkpoint_case(const Case&, const VerifyOptions&);

// Inside checkpoints.cpp's runner.
void run_good_file(const Case&, Comparison&);
void run_bad_file(const Case&, Comparison&);
bool is_good_file(const Case&);

}  // namespace cuunet
