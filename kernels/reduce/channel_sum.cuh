// sums[c] = Σ_pixels x[pixel][c], the gradient of a bias.
#pragma once

#include "kernels/reduce/reduce.h"

namespace cuunet::CUUNET_TARGET {

inline void sum_per_channel(Context& context, ConstView x, View sums) {
  constexpr unsigned n_h_w = 0b1101;
  reduce_sum(context, x, sums, {n_h_w});
}

}  // namespace cuunet::CUUNET_TARGET
