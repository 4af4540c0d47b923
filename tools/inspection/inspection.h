// What is in a file of weights, and which network it is: the command `cuunet inspect`.
#pragma once

#include "kernels/device/context.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace cuunet {

// {file, format, tensors: [{name, dtype, shape}], total: {tensors, numbers, bytes}, metadata: {…}, values: {…},
//  skipped: […], network: null or {description, model, prefix, fits, missing, unexpected, misshapen}}
nlohmann::ordered_json inspect(Context& context, const std::filesystem::path& path);

// The same for people.
std::string inspection_text(const nlohmann::ordered_json& inspection);

}  // namespace cuunet
