// Writes 8-bit RGB images as JPEG (libjpeg-turbo, 4:4:4, so that colour keeps its edges) and PNG (stb_image_write).
// Files appear whole or not at all, and replace nothing unless told to.
#pragma once

#include "engine/io/atomic_file.h"
#include "engine/io/image.h"
#include "engine/io/metadata.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace cuunet {

enum class ImageFormat { jpeg, png };

// By the name's ending: .jpg, .jpeg, .png, in any case. UsageError for any other.
ImageFormat image_format_of(const std::filesystem::path& path);

struct WriteOptions {
  int quality = 92;  // of JPEG, 1 … 100
  Existing existing = Existing::refuse;
  Metadata metadata;  // PNG: EXIF only
};

// Error: an empty image, or a quality out of range. A metadata block too large for its segment is left out.
std::vector<std::byte> encode_jpeg(const Image& image, int quality = 92, const Metadata& metadata = {});
std::vector<std::byte> encode_png(const Image& image, const Metadata& metadata = {});

// In the format of the name. FileError: what AtomicFile says.
void write_image(const std::filesystem::path& path, const Image& image, const WriteOptions& options = {});

}  // namespace cuunet
