// Copies of conformance cases in which every expected number is wrong, by twice what it is allowed to be off.
#pragma once

#include "kernels/device/dtype.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace cuunet {

nlohmann::json json_of(const std::filesystem::path& file);
void write_json(const std::filesystem::path& file, const nlohmann::json& contents);

// Writes a copy of the case file and of its tensors into the folder. Cases of the family ops hold tensors, probes and
// scalars; those of fastai_unet also steps, schedules, counts and lists of tensors.
void write_moved(const std::filesystem::path& file, const std::filesystem::path& folder, DType precision);

}  // namespace cuunet
