// Rearrangements and resampling of pixels.
#include "autograd/ops/pixel_shuffle.h"
#include "tools/verify/operators/operators.h"

namespace cuunet {

void run_pixel_shuffle(CaseRun& run) { run.result(pixel_shuffle(run.input("input"), run.config<int>("factor"))); }
void run_pixel_unshuffle(CaseRun& run) { run.result(pixel_unshuffle(run.input("input"), run.config<int>("factor"))); }

}  // namespace cuunet
