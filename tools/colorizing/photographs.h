// Which files a command was given: single files, folders (searched through), patterns with * and ?.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cuunet {

// A photograph to read, and where below the output folder its result goes (folders keep their inner structure).
struct FoundPhotograph {
  std::filesystem::path file;
  std::filesystem::path relative;
};

// Sorted by name within each input. Files in a folder count when their extension is jpg, jpeg, png or bmp, in any case;
// a file named itself always does. FileError: something that is not there, a folder or pattern without photographs.
std::vector<FoundPhotograph> find_photographs(const std::vector<std::string>& inputs);

}  // namespace cuunet
