// Between pictures and what a network takes and gives: ImageNet's mean and deviation of each channel.
#pragma once

#include "engine/io/resample.h"
#include "engine/tensor/tensor.h"

#include <vector>

namespace cuunet {

// (grey - mean) / deviation: [H, W] → f32 [1, C, H, W].
Tensor normalised(Context& context, const Raster& grey, int64_t channels);

// output · deviation + mean, as [C, H, W]. Error: a value that is not finite.
std::vector<float> denormalised(const Tensor& output);

}  // namespace cuunet
