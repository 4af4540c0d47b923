#include "engine/io/image_writer.h"

#include "engine/io/crc32.h"
#include "engine/io/stb.h"
#include "kernels/device/error.h"

#include <algorithm>
#include <cctype>
#include <climits>
#include <cstring>

namespace cuunet {

namespace {

using Bytes = std::vector<std::byte>;

void append_big_endian(Bytes& bytes, uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::byte>(value >> shift));
}

Bytes png_chunk(const char* type, std::span<const uint8_t> data) {
  Bytes chunk;
  append_big_endian(chunk, static_cast<uint32_t>(data.size()));
  auto* name = reinterpret_cast<const std::byte*>(type);
  chunk.insert(chunk.end(), name, name + 4);
  auto body = std::as_bytes(data);
  chunk.insert(chunk.end(), body.begin(), body.end());
  append_big_endian(chunk, crc32(std::span(chunk).subspan(4)));
  return chunk;
}

}  // namespace

ImageFormat image_format_of(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (ending == ".jpg" || ending == ".jpeg") return ImageFormat::jpeg;
  if (ending == ".png") return ImageFormat::png;
  throw UsageError("{}: cannot write an image of that name; expected one that ends in .jpg, .jpeg or .png",
                   path.string());
}

Bytes encode_png(const Image& image, const Metadata& metadata) {
  if (image.empty()) throw Error("PNG: the image is empty; expected at least 1 x 1 pixels");
  if (image.rgb.size() > INT_MAX / 2) {
    throw Error("PNG: {} x {} pixels are too many for one file; write a JPEG", image.width, image.height);
  }
  Bytes png;
  auto append = [](void* target, void* data, int size) {
    auto* bytes = static_cast<const std::byte*>(data);
    static_cast<Bytes*>(target)->insert(static_cast<Bytes*>(target)->end(), bytes, bytes + size);
  };
  auto width = static_cast<int>(image.width), height = static_cast<int>(image.height);
  if (stbi_write_png_to_func(append, &png, width, height, 3, image.rgb.data(), 3 * width) == 0) {
    throw Error("PNG: {} x {} pixels cannot be written: out of memory", image.width, image.height);
  }
  if (!metadata.exif.empty()) {
    constexpr size_t after_header = 8 + 12 + 13;
    Bytes chunk = png_chunk("eXIf", metadata.exif);
    png.insert(png.begin() + after_header, chunk.begin(), chunk.end());
  }
  return png;
}

void write_image(const std::filesystem::path& path, const Image& image, const WriteOptions& options) {
  ImageFormat format = image_format_of(path);
  refuse_existing(path, options.existing);
  Bytes bytes = format == ImageFormat::jpeg ? encode_jpeg(image, options.quality, options.metadata)
                                            : encode_png(image, options.metadata);
  write_file(path, bytes, options.existing);
}

}  // namespace cuunet
