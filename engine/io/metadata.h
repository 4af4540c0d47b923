// What a photograph's file says beside its pixels, kept so that it can be written back with new pixels.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cuunet {

struct Metadata {
  std::vector<uint8_t> exif;  // the TIFF structure after "Exif\0\0"; its orientation is 1, as the pixels are upright
  std::vector<uint8_t> icc;   // the colour profile of RGB pixels

  bool empty() const { return exif.empty() && icc.empty(); }
};

// The orientation (tag 0x0112) of an EXIF block, 1 … 8: which side of the stored picture is up.
// 1 when the block is damaged or says nothing.
int orientation_of(std::span<const uint8_t> exif);

// Sets the orientation to 1 where the block has one.
void reset_orientation(std::vector<uint8_t>& exif);

}  // namespace cuunet
