// Means over boxes, row i of [h, w, 3] covering rows floor(i·H/h) … ceil((i+1)·H/h) - 1 of the photograph [H, W, 3],
// columns alike; bytes are divided by 255.                                    y: f32, f64 on the CPU
// PyTorch: torch.nn.functional.interpolate(mode="area")
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

inline constinit Operator<void(Context&, ConstView photo, View y)> area_shrink_forward{"area_shrink_forward"};

// A ShapeError unless both are [H, W, 3] and y is not larger.
void require_area_shrink(ConstView photo, ConstView y);

}  // namespace cuunet
