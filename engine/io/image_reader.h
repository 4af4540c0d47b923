// Photographs from files or bytes, as upright 8-bit RGB: JPEG (libjpeg-turbo), PNG and BMP (stb_image).
//
//   grey                 the same value in all three channels
//   CMYK, YCCK (JPEG)    R = C·K/255 for Adobe's inverted values, else R = (255 - C)·(255 - K)/255
//   alpha                laid on white:  round((colour·alpha + white·(full - alpha)) / full), at the file's depth
//   16 bits (PNG)        round(value / 257)
//   EXIF orientation     applied, and reset to 1 in the metadata
// Colour profiles are kept, not applied.
//
// Files are not believed: the kind is told by content, not by name; sizes are checked against the limits before
// anything is allocated for pixels; damaged files are refused unless asked for, checksums of PNG included.
// FileError, one line: path, what was found, what was expected, what to do.
#pragma once

#include "engine/io/image.h"
#include "engine/io/metadata.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace cuunet {

struct ReadOptions {
  double most_megapixels = 64;                    // width · height / 10^6
  int64_t most_bytes = int64_t{1} << 30;          // of memory while reading and using it, the image included
  int64_t bytes_per_pixel_in_use = 3;             // what the caller will need to work on it, the image included
  bool accept_damaged = false;                    // JPEG only: what could not be decoded stays grey
  const char* remedy = "make the image smaller";  // what to do about one beyond the limits
};

struct DescribedImage {
  Image image;
  Metadata metadata;
};

Image read_image(const std::filesystem::path& path, const ReadOptions& options = {});
// `name` stands for the path in errors.
Image read_image(std::span<const std::byte> bytes, const std::string& name, const ReadOptions& options = {});

DescribedImage read_image_with_metadata(const std::filesystem::path& path, const ReadOptions& options = {});
DescribedImage read_image_with_metadata(std::span<const std::byte> bytes, const std::string& name,
                                        const ReadOptions& options = {});

// Turns a stored picture upright; orientation as in EXIF, 1 … 8.
Image upright(Image image, int orientation);

}  // namespace cuunet
