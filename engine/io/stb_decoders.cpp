#include "engine/io/crc32.h"
#include "engine/io/image_decoders.h"
#include "engine/io/stb.h"
#include "kernels/device/error.h"

#include <algorithm>
#include <cctype>
#include <climits>
#include <cstring>
#include <memory>
#include <string_view>

namespace cuunet {

namespace {

uint32_t big_endian(const EncodedImage& file, size_t offset) {
  return uint32_t{file[offset]} << 24 | uint32_t{file[offset + 1]} << 16 | uint32_t{file[offset + 2]} << 8 |
         file[offset + 3];
}

uint32_t little_endian(const EncodedImage& file, size_t offset) {
  return uint32_t{file[offset + 3]} << 24 | uint32_t{file[offset + 2]} << 16 | uint32_t{file[offset + 1]} << 8 |
         file[offset];
}

struct PngHeader {
  int64_t width = 0, height = 0;
  int depth = 0, colour_type = 0;
  std::vector<uint8_t> exif;

  // Inflated samples, unfiltered samples, and a palette's colours.
  int64_t bytes_per_pixel() const {
    int channels = (colour_type & 2) != 0 ? 3 : 1;
    int sample = depth == 16 ? 2 : 1;
    bool palette = (colour_type & 1) != 0;
    return palette ? 1 + 1 + 4 : 2 * (channels + 1) * sample;
  }
};

// Walks the chunks (length, type, data, CRC), which the library does not check: it reads a cut or flipped file gladly.
PngHeader check_png(const EncodedImage& file) {
  auto damaged = [&](const std::string& why) {
    return FileError("{}: is damaged or cut short ({}); expected a whole PNG", file.name, why);
  };
  if (file.size() < 8 || std::memcmp(file.data(), "\x89PNG\r\n\x1a\n", 8) != 0)
    throw damaged("its signature is broken");
  PngHeader header;
  for (size_t at = 8;;) {
    if (file.size() - at < 12) throw damaged("no end chunk");
    size_t length = big_endian(file, at);
    std::string_view type(reinterpret_cast<const char*>(file.data()) + at + 4, 4);
    if (length > file.size() - at - 12) throw damaged("a chunk goes beyond the end");
    if (crc32(file.bytes.subspan(at + 4, length + 4)) != big_endian(file, at + 8 + length)) {
      throw damaged(fmt::format("wrong checksum at byte {}", at));
    }
    if (!std::all_of(type.begin(), type.end(), [](unsigned char c) { return std::isalpha(c); })) {
      throw damaged(fmt::format("no chunk type at byte {}", at + 4));
    }
    if (at == 8 && (type != "IHDR" || length != 13)) throw damaged("no header chunk");
    if (at == 8) {
      header.width = big_endian(file, at + 8);
      header.height = big_endian(file, at + 12);
      header.depth = file[at + 16];
      header.colour_type = file[at + 17];
    }
    if (type == "eXIf") header.exif.assign(file.data() + at + 8, file.data() + at + 8 + length);
    if (type == "IEND") return header;
    at += 12 + length;
  }
}

struct FreeStb {
  void operator()(void* pixels) const { stbi_image_free(pixels); }
};

uint8_t to_byte(uint8_t value) { return value; }
uint8_t to_byte(uint16_t value) { return static_cast<uint8_t>((uint32_t{value} + 128) / 257); }

// One row of samples of 1 (grey), 2 (grey, alpha), 3 or 4 channels to RGB; 8 or 16 bits.
template <class Sample>
Image rgb_from(const Sample* samples, int width, int height, int channels) {
  constexpr uint64_t full = static_cast<Sample>(~Sample{0});
  Image image(width, height);
  bool has_alpha = channels == 2 || channels == 4;
  for (size_t i = 0; i < image.rgb.size(); i += 3, samples += channels) {
    uint64_t alpha = has_alpha ? samples[channels - 1] : full;
    for (int c = 0; c < 3; ++c) {
      uint64_t colour = samples[channels >= 3 ? c : 0];
      uint64_t on_white = (colour * alpha + full * (full - alpha) + full / 2) / full;
      image.rgb[i + static_cast<size_t>(c)] = to_byte(static_cast<Sample>(on_white));
    }
  }
  return image;
}

Image decode_with_stb(const EncodedImage& file, int64_t width, int64_t height, const char* kind) {
  if (file.size() > INT_MAX) throw FileError("{}: has {} bytes; expected at most 2 GB", file.name, file.size());
  auto length = static_cast<int>(file.size());
  // Inflated rows of at most eight bytes a pixel and a filter byte a row; the buffer grows by doubling.
  StbCeiling ceiling(static_cast<size_t>(2 * height * (8 * width + 16)) + (size_t{1} << 20) + 2 * file.size());
  bool deep = stbi_is_16_bit_from_memory(file.data(), length) != 0;
  int w = 0, h = 0, channels = 0;
  std::unique_ptr<void, FreeStb> pixels;
  if (deep)
    pixels.reset(stbi_load_16_from_memory(file.data(), length, &w, &h, &channels, 0));
  else
    pixels.reset(stbi_load_from_memory(file.data(), length, &w, &h, &channels, 0));
  if (!pixels) throw FileError("{}: cannot be read as a {}: {}", file.name, kind, stbi_failure_reason());
  if (w != width || h != height) throw FileError("{}: cannot be read as a {}: its size is unclear", file.name, kind);
  if (deep) return rgb_from(static_cast<const uint16_t*>(pixels.get()), w, h, channels);
  return rgb_from(static_cast<const uint8_t*>(pixels.get()), w, h, channels);
}

}  // namespace

DecodedImage decode_png(const EncodedImage& file) {
  PngHeader header = check_png(file);
  int64_t turned = orientation_of(header.exif) > 1 ? 3 : 0;
  require_within_limits(file, header.width, header.height, header.bytes_per_pixel() + turned);
  DecodedImage decoded;
  decoded.image = decode_with_stb(file, header.width, header.height, "PNG");
  decoded.metadata.exif = std::move(header.exif);
  return decoded;
}

DecodedImage decode_bmp(const EncodedImage& file) {
  auto damaged = [&] {
    return FileError("{}: is damaged or cut short ({} bytes); expected a whole BMP", file.name, file.size());
  };
  if (file.size() < 54) throw damaged();
  // BITMAPINFOHEADER: its size at 14, width at 18, height at 22 (negative: top row first), bits at 28; pixels from 10
  // on.
  if (little_endian(file, 14) < 40) throw FileError("{}: is a BMP of OS/2; expected one of Windows", file.name);
  int64_t offset = little_endian(file, 10), width = static_cast<int32_t>(little_endian(file, 18));
  int64_t height = std::abs(int64_t{static_cast<int32_t>(little_endian(file, 22))});
  int64_t bits = little_endian(file, 28) & 0xFFFF;
  require_within_limits(file, width, height, 4);
  if (offset + (width * bits + 31) / 32 * 4 * height > static_cast<int64_t>(file.size())) throw damaged();
  DecodedImage decoded;
  decoded.image = decode_with_stb(file, width, height, "BMP");
  return decoded;
}

}  // namespace cuunet
