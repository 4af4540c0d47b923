#include "tools/colorizing/photographs.h"

#include "kernels/device/error.h"

#include <glob.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

bool is_photograph(const fs::path& file) {
  static constexpr std::array<const char*, 4> extensions{".jpg", ".jpeg", ".png", ".bmp"};
  std::string extension = file.extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::find(extensions.begin(), extensions.end(), extension) != extensions.end();
}

void add_folder(const fs::path& folder, std::vector<FoundPhotograph>& found) {
  size_t before = found.size();
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && is_photograph(entry.path())) {
      found.push_back({entry.path(), fs::relative(entry.path(), folder)});
    }
  }
  if (found.size() == before)
    throw FileError("{}: no photographs in this folder (jpg, jpeg, png, bmp)", folder.string());
}

std::vector<std::string> matches(const std::string& pattern) {
  glob_t result{};
  std::vector<std::string> names;
  if (glob(pattern.c_str(), 0, nullptr, &result) == 0) names.assign(result.gl_pathv, result.gl_pathv + result.gl_pathc);
  globfree(&result);
  return names;
}

void add_input(const std::string& input, std::vector<FoundPhotograph>& found) {
  if (fs::is_directory(input)) return add_folder(input, found);
  if (fs::exists(input)) {
    found.push_back({input, fs::path(input).filename()});
    return;
  }
  bool pattern = input.find_first_of("*?[") != std::string::npos;
  std::vector<std::string> names = pattern ? matches(input) : std::vector<std::string>{};
  if (names.empty())
    throw FileError("{}: {}", input, pattern ? "no file matches this pattern" : "no such file or folder");
  for (const std::string& name : names) add_input(name, found);
}

}  // namespace

std::vector<FoundPhotograph> find_photographs(const std::vector<std::string>& inputs) {
  std::vector<FoundPhotograph> found;
  for (const std::string& input : inputs) {
    auto first = static_cast<std::ptrdiff_t>(found.size());
    add_input(input, found);
    std::sort(found.begin() + first, found.end(), [](const auto& a, const auto& b) { return a.file < b.file; });
  }
  return found;
}

}  // namespace cuunet
