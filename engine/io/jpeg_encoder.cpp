#include "engine/io/image_writer.h"
#include "kernels/device/error.h"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <jpeglib.h>

namespace cuunet {

namespace {

constexpr size_t largest_segment = 65533;

// As the decoder: the library's errors jump, so no destructor may stand in the way.
struct Encoder {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  std::jmp_buf failed;
  char message[JMSG_LENGTH_MAX] = "";
  unsigned char* data = nullptr;
  unsigned long size = 0;

  Encoder() {
    info.err = jpeg_std_error(&errors);
    info.client_data = this;
    errors.error_exit = [](j_common_ptr common) {
      auto* encoder = static_cast<Encoder*>(common->client_data);
      common->err->format_message(common, encoder->message);
      std::longjmp(encoder->failed, 1);
    };
  }
  ~Encoder() {
    jpeg_destroy_compress(&info);
    std::free(data);
  }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  bool encode(const Image& image, int quality, const std::vector<uint8_t>& exif, const std::vector<uint8_t>& icc) {
    if (setjmp(failed) != 0) return false;
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, &data, &size);
    info.image_width = static_cast<JDIMENSION>(image.width);
    info.image_height = static_cast<JDIMENSION>(image.height);
    info.input_components = 3;
    info.in_color_space = JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, quality, TRUE);
    info.comp_info[0].h_samp_factor = info.comp_info[0].v_samp_factor = 1;
    info.optimize_coding = TRUE;
    jpeg_start_compress(&info, TRUE);
    if (!exif.empty()) jpeg_write_marker(&info, JPEG_APP0 + 1, exif.data(), static_cast<unsigned>(exif.size()));
    if (!icc.empty()) jpeg_write_icc_profile(&info, icc.data(), static_cast<unsigned>(icc.size()));
    for (int64_t y = 0; y < image.height; ++y) {
      auto* row = const_cast<JSAMPLE*>(image.pixel(y, 0));
      jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    return true;
  }
};

}  // namespace

std::vector<std::byte> encode_jpeg(const Image& image, int quality, const Metadata& metadata) {
  if (image.empty()) throw Error("JPEG: the image is empty; expected at least 1 x 1 pixels");
  if (quality < 1 || quality > 100) throw Error("JPEG: quality {}; expected 1 … 100", quality);
  std::vector<uint8_t> segment;
  if (!metadata.exif.empty() && metadata.exif.size() + 6 <= largest_segment) {
    const char* name = "Exif\0";
    segment.assign(name, name + 6);
    segment.insert(segment.end(), metadata.exif.begin(), metadata.exif.end());
  }
  constexpr size_t largest_profile = 255 * (largest_segment - 14);
  bool profile_fits = metadata.icc.size() <= largest_profile;
  Encoder encoder;
  if (!encoder.encode(image, quality, segment, profile_fits ? metadata.icc : std::vector<uint8_t>{})) {
    throw Error("JPEG: {} x {} pixels cannot be written: {}", image.width, image.height, encoder.message);
  }
  auto* bytes = reinterpret_cast<const std::byte*>(encoder.data);
  return {bytes, bytes + encoder.size};
}

}  // namespace cuunet
