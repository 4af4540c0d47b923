// Photographs by the words of a command line: a folder, or drawn scenes.
//
//   album/                       every photograph in it
//   scenes:SEED:COUNT            drawn scenes 0 … COUNT-1, for training
//   scenes:SEED:COUNT:unseen     of combinations that no training scene has
#pragma once

#include "tools/data/photo_source.h"

#include <memory>
#include <string>

namespace cuunet {

// UsageError: a misspelt scenes:… ; FileError: as PhotoFolder says.
std::shared_ptr<const PhotoSource> open_source(const std::string& words);

bool names_scenes(const std::string& words);

}  // namespace cuunet
