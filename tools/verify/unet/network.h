// Networks as the cases describe them, and filled as the cases say.
#pragma once

#include "layers/models/dynamic_unet.h"

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace cuunet {

// A case's "model" or "config"; what it leaves out is as in `defaults`. Error: a field that is not known.
DynamicUnetOptions unet_options(const nlohmann::json& model, DynamicUnetOptions defaults = {});

// Every parameter and buffer gets the values of its name, and a case's `prepare` is done.
void fill_network(Module& network, const nlohmann::json& definition);

}  // namespace cuunet
