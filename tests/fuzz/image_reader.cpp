// libFuzzer target of the image loader: any bytes become an upright RGB picture within the limits, or are refused with
// a FileError. Built and run by tools/dev/fuzz.sh.
#include "engine/io/image_reader.h"
#include "kernels/device/error.h"

#include <cstdlib>

namespace {

constexpr cuunet::ReadOptions limits{.most_megapixels = 0.25, .most_bytes = 1 << 26};

void require(bool holds) {
  if (!holds) std::abort();
}

void require_whole(const cuunet::Image& image) {
  require(image.width > 0 && image.height > 0 && image.width * image.height <= 250'000);
  require(image.rgb.size() == 3 * static_cast<size_t>(image.width) * static_cast<size_t>(image.height));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  cuunet::ReadOptions options = limits;
  options.accept_damaged = data[size - 1] % 2 == 1;
  try {
    require_whole(read_image_with_metadata(std::as_bytes(std::span(data, size)), "fuzz", options).image);
  } catch (const cuunet::FileError&) {
  }
  return 0;
}
