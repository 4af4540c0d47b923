// The decoders behind image_reader.h, one per library.
#pragma once

#include "engine/io/image_reader.h"

namespace cuunet {

struct EncodedImage {
  std::span<const std::byte> bytes;
  const std::string& name;
  const ReadOptions& options;

  uint8_t operator[](size_t i) const { return static_cast<uint8_t>(bytes[i]); }
  const uint8_t* data() const { return reinterpret_cast<const uint8_t*>(bytes.data()); }
  size_t size() const { return bytes.size(); }
};

struct DecodedImage {
  Image image;  // as stored
  Metadata metadata;
};

DecodedImage decode_jpeg(const EncodedImage& file);
DecodedImage decode_png(const EncodedImage& file);
DecodedImage decode_bmp(const EncodedImage& file);

// FileError when an image of this size is beyond the limits; its decoder needs `decoder_bytes` for each pixel beside
// the three of the result.
void require_within_limits(const EncodedImage& file, int64_t width, int64_t height, int64_t decoder_bytes);

}  // namespace cuunet
