#include "engine/io/image_reader.h"

#include "engine/io/image_decoders.h"
#include "engine/io/mapped_file.h"
#include "kernels/device/error.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace cuunet {

namespace {

struct Signature {
  size_t offset;
  std::string_view bytes;
  const char* kind;
};

// What people mistake for a photograph this program reads.
constexpr Signature other_kinds[] = {
    {0, "GIF8", "a GIF"},
    {8, "WEBP", "a WebP image"},
    {0, std::string_view("II*\0", 4), "a TIFF or raw image"},
    {0, std::string_view("MM\0*", 4), "a TIFF or raw image"},
    {4, "ftyphei", "an HEIC image"},
    {4, "ftypmif", "an HEIC image"},
    {4, "ftypavif", "an AVIF image"},
    {0, "%PDF", "a PDF document"},
    {0, "PK\3\4", "a zip archive"},
    {0, "version https://git-lfs", "a Git LFS pointer (run 'git lfs pull')"},
    {0, "<", "a web page or XML text"},
};

bool has(const EncodedImage& file, size_t offset, std::string_view bytes) {
  return file.size() >= offset + bytes.size() && std::memcmp(file.data() + offset, bytes.data(), bytes.size()) == 0;
}

[[noreturn]] void refuse_kind(const EncodedImage& file) {
  if (file.size() == 0) throw FileError("{}: is empty (0 bytes); expected a JPEG, PNG or BMP image", file.name);
  for (const Signature& kind : other_kinds) {
    if (has(file, kind.offset, kind.bytes)) {
      throw FileError("{}: is {}; expected a JPEG, PNG or BMP image", file.name, kind.kind);
    }
  }
  std::string start;
  for (size_t i = 0; i < std::min<size_t>(file.size(), 4); ++i) start += fmt::format(" {:02x}", file[i]);
  throw FileError("{}: is not an image; expected JPEG, PNG or BMP, found bytes{} …", file.name, start);
}

DecodedImage decode(const EncodedImage& file) {
  if (has(file, 0, "\xff\xd8\xff")) return decode_jpeg(file);
  if (has(file, 0, "\x89PNG")) return decode_png(file);
  if (has(file, 0, "BM")) return decode_bmp(file);
  refuse_kind(file);
}

}  // namespace

void require_within_limits(const EncodedImage& file, int64_t width, int64_t height, int64_t decoder_bytes) {
  constexpr int64_t longest = 1 << 20;
  if (width < 1 || height < 1)
    throw FileError("{}: is {} x {} pixels; expected at least 1 x 1", file.name, width, height);
  bool far_too_long = width > longest || height > longest;
  double megapixels = static_cast<double>(width) * static_cast<double>(height) / 1e6;
  auto bytes_per_pixel = std::max(3 + decoder_bytes, file.options.bytes_per_pixel_in_use);
  double megabytes = static_cast<double>(bytes_per_pixel) * megapixels;
  double most_megabytes = static_cast<double>(file.options.most_bytes) / 1e6;
  if (!far_too_long && megapixels <= file.options.most_megapixels && megabytes <= most_megabytes) return;
  throw FileError(
      "{}: {} x {} pixels ({:.1f} megapixels) need {:.0f} MB of memory; at most {:g} megapixels and {:.0f} MB are "
      "allowed; {}",
      file.name, width, height, megapixels, megabytes, file.options.most_megapixels, most_megabytes,
      file.options.remedy);
}

Image upright(Image stored, int orientation) {
  if (orientation <= 1 || orientation > 8) return stored;
  bool turned = orientation >= 5;
  int64_t bottom = stored.height - 1, right = stored.width - 1;
  Image image(turned ? stored.height : stored.width, turned ? stored.width : stored.height);
  bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  for (int64_t y = 0; y < image.height; ++y) {
    for (int64_t x = 0; x < image.width; ++x) {
      int64_t row = turned ? x : y, column = turned ? y : x;
      std::memcpy(image.pixel(y, x),
                  stored.pixel(from_bottom ? bottom - row : row, from_right ? right - column : column), 3);
    }
  }
  return image;
}

DescribedImage read_image_with_metadata(std::span<const std::byte> bytes, const std::string& name,
                                        const ReadOptions& options) {
  auto [image, metadata] = decode({bytes, name, options});
  image = upright(std::move(image), orientation_of(metadata.exif));
  reset_orientation(metadata.exif);
  return {std::move(image), std::move(metadata)};
}

DescribedImage read_image_with_metadata(const std::filesystem::path& path, const ReadOptions& options) {
  MappedFile file(path);
  return read_image_with_metadata(file.bytes(), path.string(), options);
}

Image read_image(const std::filesystem::path& path, const ReadOptions& options) {
  return read_image_with_metadata(path, options).image;
}

Image read_image(std::span<const std::byte> bytes, const std::string& name, const ReadOptions& options) {
  return read_image_with_metadata(bytes, name, options).image;
}

}  // namespace cuunet
