// Another program, run to its end.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cuunet {

// Looked for on the path when it has no slash; no shell reads the arguments. Nothing to read on its standard input;
// what it says goes to the two files. Its exit code, or 128 + the signal that ended it; nothing when it cannot be
// started.
std::optional<int> run_child(const std::vector<std::string>& arguments, const std::filesystem::path& out,
                             const std::filesystem::path& err);

}  // namespace cuunet
