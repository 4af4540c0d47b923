// What is in a file of weights, and which network it is: the command `cuunet inspect`.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace cuunet {

// {file, format, tensors: [{name, dtype, shape}], total: {tensors, numbers, bytes}, metadata: {…}, values: {…},
//  skipped: […], network: null or {description, recognised, model, prefix, fits, missing, unexpected, misshapen}}
// A network that is not recognised is the nearest of the published ones. Only names and shapes are looked at, on no
// device; numbers are read for the checksums of PyTorch's zip format.
nlohmann::ordered_json inspect(const std::filesystem::path& path);

// The same for people.
std::string inspection_text(const nlohmann::ordered_json& inspection);

}  // namespace cuunet
