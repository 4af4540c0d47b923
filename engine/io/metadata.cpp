#include "engine/io/metadata.h"

#include <cstddef>
#include <optional>

namespace cuunet {

namespace {

// EXIF 2.3, 4.6.2: a TIFF header (byte order, 42, offset of the first directory), a count, entries of 12 bytes.
struct Tiff {
  std::span<const uint8_t> bytes;
  bool big_endian = false;

  std::optional<uint32_t> number(size_t offset, size_t width) const {
    if (offset > bytes.size() || bytes.size() - offset < width) return std::nullopt;
    uint32_t value = 0;
    for (size_t i = 0; i < width; ++i) value = value << 8 | bytes[offset + (big_endian ? i : width - 1 - i)];
    return value;
  }
};

constexpr uint32_t orientation_tag = 0x0112, type_short = 3;

std::optional<Tiff> open(std::span<const uint8_t> exif) {
  if (exif.size() < 8 || exif[0] != exif[1] || (exif[0] != 'I' && exif[0] != 'M')) return std::nullopt;
  Tiff tiff{exif, exif[0] == 'M'};
  return tiff.number(2, 2) == 42u ? std::optional(tiff) : std::nullopt;
}

// Where the two bytes of the orientation stand.
std::optional<size_t> find_orientation(const Tiff& tiff) {
  size_t directory = *tiff.number(4, 4);
  auto entries = tiff.number(directory, 2);
  for (size_t i = 0; entries && i < *entries; ++i) {
    size_t entry = directory + 2 + 12 * i;
    auto tag = tiff.number(entry, 2), type = tiff.number(entry + 2, 2), count = tiff.number(entry + 4, 4);
    if (!tiff.number(entry + 8, 4)) return std::nullopt;
    if (tag == orientation_tag && type == type_short && count == 1u) return entry + 8;
  }
  return std::nullopt;
}

}  // namespace

int orientation_of(std::span<const uint8_t> exif) {
  auto tiff = open(exif);
  auto place = tiff ? find_orientation(*tiff) : std::nullopt;
  uint32_t value = place ? *tiff->number(*place, 2) : 1;
  return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
}

void reset_orientation(std::vector<uint8_t>& exif) {
  auto tiff = open(exif);
  auto place = tiff ? find_orientation(*tiff) : std::nullopt;
  if (!place) return;
  exif[*place] = tiff->big_endian ? 0 : 1;
  exif[*place + 1] = tiff->big_endian ? 1 : 0;
}

}  // namespace cuunet
