// The pictures of a run folder: sheets of grey, prediction and truth; curves of losses and learning rates.
#pragma once

#include "engine/io/image.h"
#include "engine/tensor/tensor.h"

#include <filesystem>

namespace cuunet {

// Picture i of a normalised [N, 3, H, W], back in sRGB; clipped to 0 … 255.
Image denormalised(const Tensor& pictures, int64_t i);

// A row per picture of a batch: grey, prediction, truth; [N, 3, H, W] each, normalised. Replaces the file.
void write_progress_sheet(const std::filesystem::path& file, const Tensor& input, const Tensor& prediction,
                          const Tensor& truth);

// loss.svg (training faint with its running mean, validation) and learning_rate.svg from a run's log.
void write_curves(const std::filesystem::path& log, const std::filesystem::path& folder);

}  // namespace cuunet
