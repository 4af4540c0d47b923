// The weights of 3×3 convolutions, transformed as conv2d_winograd.h says.
#pragma once

#include "kernels/conv/conv2d.h"

namespace cuunet::winograd {

struct TransformedWeights final : KeptWeights {
  TransformedWeights(Context& context, ConstView w);  // f32 [K, C, 3, 3]
  Workspace floats;                                   // [outputs / 16][15 cells][inputs][16]
  Workspace doubles;                                  // [outputs / 8][inputs][8]: the cell (1, 1)

 private:
  TransformedWeights(Context& context, ConstView w, int64_t outputs, int64_t inputs);
};

}  // namespace cuunet::winograd
