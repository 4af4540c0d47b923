// Networks as the cases describe them.
#pragma once

#include "layers/models/dynamic_unet.h"

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace cuunet {

// A case's "model" or "config"; what it leaves out is as in `defaults`. Error: a field that is not known.
DynamicUnetOptions unet_options(const nlohmann::json& model, DynamicUnetOptions defaults = {});

}  // namespace cuunet
