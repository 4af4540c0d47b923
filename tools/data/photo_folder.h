// The photographs of a folder and its subfolders, sorted by their path inside it (byte order).
// A file counts as one when its name ends as an image's does, read or not by this program, so that nothing is left out
// in silence; hidden files and folders (.name) do not count, and links to folders are not followed.
#pragma once

#include "engine/io/image_reader.h"
#include "tools/data/photo_source.h"

#include <filesystem>
#include <string>
#include <vector>

namespace cuunet {

class PhotoFolder : public PhotoSource {
 public:
  // FileError: the folder is missing, is no folder, cannot be listed, or holds no photograph.
  explicit PhotoFolder(std::filesystem::path folder, const ReadOptions& options = {});

  int64_t count() const override { return static_cast<int64_t>(names_.size()); }
  std::string name(int64_t i) const override { return names_[static_cast<size_t>(i)]; }
  Image load(int64_t i) const override;

 private:
  std::filesystem::path folder_;
  ReadOptions options_;
  std::vector<std::string> names_;
};

// By the name's ending: .jpg .jpeg .png .bmp, and .gif .webp .tif .tiff .heic .heif .avif, which reading will refuse.
bool looks_like_photograph(const std::filesystem::path& path);

}  // namespace cuunet
