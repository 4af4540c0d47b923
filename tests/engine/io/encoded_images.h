// Image files that the writers cannot make, for tests of the reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <jpeglib.h>

#include "engine/io/crc32.h"

namespace cuunet {

using Bytes = std::vector<std::byte>;

inline void append(Bytes& bytes, const std::string& text) {
  for (char c : text) bytes.push_back(static_cast<std::byte>(c));
}

inline std::string big_endian(uint32_t value, int width = 4) {
  std::string text;
  for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) text += static_cast<char>(value >> shift);
  return text;
}

inline std::string little_endian(uint32_t value, int width = 4) {
  std::string text = big_endian(value, width);
  return {text.rbegin(), text.rend()};
}

inline std::string png_chunk(const std::string& type, const std::string& data) {
  std::string body = type + data;
  uint32_t crc = crc32(std::as_bytes(std::span(body)));
  return big_endian(static_cast<uint32_t>(data.size())) + body + big_endian(crc);
}

// zlib's container around one stored block: rows must be below 64 KiB in all.
inline std::string zlib_stored(const std::string& data) {
  uint32_t a = 1, b = 0;
  for (unsigned char c : data) b = (b + (a = (a + c) % 65521)) % 65521;
  auto size = static_cast<uint32_t>(data.size());
  return std::string("\x78\x01\x01", 3) + little_endian(size, 2) + little_endian(~size & 0xFFFF, 2) + data +
         big_endian(b << 16 | a);
}

// A zlib stream of a few bytes that unpacks to 1 + 258·`matches` zeros: fixed Huffman codes, a literal 0 (00110000),
// then matches of length 258 (code 11000101) at distance 1 (00000). Its checksum is left out.
inline std::string zlib_bomb(int matches) {
  std::string bits = "110";  // last block, fixed codes
  bits += "00110000";
  for (int i = 0; i < matches; ++i) bits += "1100010100000";
  bits += "0000000";  // end of block
  bits.resize((bits.size() + 7) / 8 * 8, '0');
  std::string stream("\x78\x01", 2);
  for (size_t i = 0; i < bits.size(); i += 8) {
    int byte = 0;
    for (size_t bit = 0; bit < 8; ++bit) byte |= (bits[i + bit] - '0') << bit;
    stream += static_cast<char>(byte);
  }
  return stream + std::string(4, '\0');
}

inline std::string png_header(uint32_t width, uint32_t height, int depth, int colour_type) {
  return "\x89PNG\r\n\x1a\n" +
         png_chunk("IHDR", big_endian(width) + big_endian(height) +
                               std::string{static_cast<char>(depth), static_cast<char>(colour_type), 0, 0, 0});
}

// One row; colour types 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. `extra` goes before the data.
inline Bytes one_row_png(uint32_t width, int depth, int colour_type, const std::string& samples,
                         const std::string& extra = "") {
  Bytes png;
  append(png, png_header(width, 1, depth, colour_type) + extra +
                  png_chunk("IDAT", zlib_stored(std::string(1, '\0') + samples)) + png_chunk("IEND", ""));
  return png;
}

struct JpegKind {
  J_COLOR_SPACE given = JCS_RGB;  // what `pixels` are
  int channels = 3;
  bool adobe = true;
  bool progressive = false;
};

inline Bytes make_jpeg(int64_t width, int64_t height, std::vector<uint8_t> pixels, const JpegKind& kind) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* data = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &data, &size);
  info.image_width = static_cast<JDIMENSION>(width);
  info.image_height = static_cast<JDIMENSION>(height);
  info.input_components = kind.channels;
  info.in_color_space = kind.given;
  jpeg_set_defaults(&info);
  if (kind.given == JCS_CMYK && kind.adobe) jpeg_set_colorspace(&info, JCS_YCCK);
  if (!kind.adobe) info.write_Adobe_marker = FALSE;
  jpeg_set_quality(&info, 100, TRUE);
  if (kind.progressive) jpeg_simple_progression(&info);
  jpeg_start_compress(&info, TRUE);
  for (int64_t y = 0; y < height; ++y) {
    JSAMPLE* row = pixels.data() + y * width * kind.channels;
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  auto* bytes = reinterpret_cast<const std::byte*>(data);
  Bytes result(bytes, bytes + size);
  std::free(data);
  return result;
}

// A TIFF structure that holds nothing but an orientation.
inline std::vector<uint8_t> exif_with_orientation(uint32_t orientation, bool big) {
  auto number = [big](uint32_t value, int width) {
    return big ? big_endian(value, width) : little_endian(value, width);
  };
  std::string text = std::string(big ? "MM" : "II") + number(42, 2) + number(8, 4) + number(1, 2) + number(0x0112, 2) +
                     number(3, 2) + number(1, 4) + number(orientation, 2) + number(0, 2) + number(0, 4);
  return {text.begin(), text.end()};
}

}  // namespace cuunet
