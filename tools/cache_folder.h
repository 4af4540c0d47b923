// Where the program keeps what it can get again: downloaded weights, measured times.
#pragma once

#include <filesystem>

namespace cuunet {

// $CUUNET_CACHE, else $XDG_CACHE_HOME/cuunet, else ~/.cache/cuunet. It need not exist.
std::filesystem::path cache_folder();

}  // namespace cuunet
