// y = x·mask/(1 - p), mask 0 with probability p, else 1; p = 1 gives zeros        x, y: any shape, f32, bf16 or f64
// The gradient is the same operator on grad_y: the mask is drawn again, not kept.
// PyTorch: torch.nn.functional.dropout, dropout2d (per_map: one draw for each [H, W] map of [N, C, H, W])
//
// The draw for channel c of pixel r (rank 4: r = (n·H + h)·W + w; per_map: r = n; other ranks: r = 0, c = flat index)
// is word c % 4 of Philox(seed)(c / 4, r, offset, Purpose::dropout): the same for any layout, device and thread. An
// element stays when its draw in [0, 1) is at least p. `offset` tells layers and steps of one seed apart. y may be x.
// PyTorch draws other numbers; to repeat its masks, give them to dropout_with_mask.
#pragma once

#include "kernels/device/operator.h"
#include "kernels/device/philox.h"

namespace cuunet {

struct DropoutParams {
  double p = 0.5;
  bool per_map = false;
  uint64_t seed = 0;
  uint32_t offset = 0;
};

// An Error unless p is in [0, 1].
void require_dropout(double p);

inline constinit Operator<void(Context&, ConstView x, View y, const DropoutParams&)> dropout_forward{"dropout_forward"};
// mask: zeros and ones of x's type; x's shape or [N, C, 1, 1].
inline constinit Operator<void(Context&, ConstView x, ConstView mask, View y, double p)> dropout_with_mask{
    "dropout_with_mask"};

}  // namespace cuunet
