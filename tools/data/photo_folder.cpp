#include "tools/data/photo_folder.h"

#include "kernels/device/error.h"

#include <algorithm>
#include <cctype>

namespace cuunet {

namespace fs = std::filesystem;

namespace {

bool hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

std::vector<std::string> list(const fs::path& folder) {
  std::vector<std::string> names;
  auto entry = fs::recursive_directory_iterator(folder);
  for (; entry != fs::recursive_directory_iterator(); ++entry) {
    std::error_code unreadable;  // a link to nowhere
    if (hidden(entry->path())) {
      if (entry->is_directory(unreadable)) entry.disable_recursion_pending();
    } else if (looks_like_photograph(entry->path()) && !entry->is_directory(unreadable)) {
      names.push_back(entry->path().lexically_relative(folder).generic_string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

bool looks_like_photograph(const fs::path& path) {
  static constexpr const char* endings[] = {".jpg", ".jpeg", ".png",  ".bmp",  ".gif", ".webp",
                                            ".tif", ".tiff", ".heic", ".heif", ".avif"};
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(std::begin(endings), std::end(endings), ending) != std::end(endings);
}

PhotoFolder::PhotoFolder(fs::path folder, const ReadOptions& options) : folder_(std::move(folder)), options_(options) {
  std::error_code ignored;
  if (!fs::exists(folder_, ignored)) {
    throw FileError("{}: does not exist; expected a folder of photographs", folder_.string());
  }
  if (!fs::is_directory(folder_, ignored)) {
    throw FileError("{}: is a file; expected a folder of photographs", folder_.string());
  }
  try {
    names_ = list(folder_);
  } catch (const fs::filesystem_error& error) {
    throw FileError("{}: cannot be listed: {}", error.path1().string(), error.code().message());
  }
  if (names_.empty()) {
    throw FileError("{}: holds no photographs; expected JPEG, PNG or BMP files in it or its subfolders",
                    folder_.string());
  }
}

Image PhotoFolder::load(int64_t i) const { return read_image(folder_ / names_[static_cast<size_t>(i)], options_); }

}  // namespace cuunet
