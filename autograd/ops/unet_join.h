// The seam of a U-Net's block, where the coarse map is enlarged and meets the skip.
#pragma once

#include "autograd/tape/tape.h"
#include "kernels/norm/batch_norm.h"

namespace cuunet {

struct UnetSkip {
  Var x;             // [N, C_s, 2H, 2W]
  Var weight, bias;  // and the rest as batch_norm takes them
  Tensor running_mean, running_var;
  BatchNormParams params;
};

// relu(concat({u, batch_norm(skip)})) with u = pixel_shuffle(coarse), or blur(pixel_shuffle(coarse)); each half is
// written once, into its channels of the result.
// coarse: [N, 4C, H, W] and rectified already: nothing is negative, so that the ReLU of u is u. Where coarse is 0 its
// gradient is that of u, as the ReLU that made it stops it anyway.
Var unet_join(const Var& coarse, bool blurred, const UnetSkip& skip);

}  // namespace cuunet
