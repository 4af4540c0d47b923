// The weights of 3×3 convolutions, transformed as conv2d_winograd.h says.
#pragma once

#include "kernels/conv/conv2d.h"

namespace cuunet::winograd {

struct TransformedWeights final : KeptWeights {
  // Of w, f32 [K, C, 3, 3], or of the rotated weights: C outputs, K inputs, the taps in reverse.
  TransformedWeights(Context& context, ConstView w, bool rotated);
  Workspace floats;   // [outputs / 16][15 cells][inputs][16]
  Workspace doubles;  // [outputs / 8][inputs][8]: the cell (1, 1)

 private:
  TransformedWeights(Context& context, ConstView w, bool rotated, int64_t outputs, int64_t inputs);
};

}  // namespace cuunet::winograd
