#include "layers/nn/dropout.h"

#include "autograd/ops/activation.h"
#include "layers/module/initialise.h"

namespace cuunet {

void Dropout::initialise(uint64_t seed) {
  seed_ = seed_of(seed, path());
  draws_ = 0;
}

Var Dropout::forward(const Var& x) {
  if (!training() || options_.p == 0) return x;
  return dropout(x, {.p = options_.p, .per_map = options_.per_map, .seed = seed_, .offset = draws_++});
}

}  // namespace cuunet
