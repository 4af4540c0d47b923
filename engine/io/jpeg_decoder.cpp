#include "engine/io/image_decoders.h"
#include "kernels/device/error.h"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <jpeglib.h>

#include <jerror.h>

namespace cuunet {

namespace {

// A progressive file may ask for the whole picture to be refined thousands of times; honest ones have about ten scans.
constexpr int most_scans = 500;

// libjpeg reports errors by a function that must not return: a jump back to the caller. Nothing with a destructor may
// live between the two, so each call into the library is a function of its own on this struct.
struct Decoder {
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  std::jmp_buf failed;
  char message[JMSG_LENGTH_MAX] = "";
  char damage[JMSG_LENGTH_MAX] = "";
  unsigned char* profile = nullptr;
  unsigned profile_bytes = 0;

  Decoder() {
    info.err = jpeg_std_error(&errors);
    info.client_data = this;
    errors.error_exit = [](j_common_ptr common) {
      auto* decoder = static_cast<Decoder*>(common->client_data);
      common->err->format_message(common, decoder->message);
      std::longjmp(decoder->failed, 1);
    };
    errors.emit_message = [](j_common_ptr common, int level) {
      auto* decoder = static_cast<Decoder*>(common->client_data);
      bool harmless = common->err->msg_code == JWRN_EXTRANEOUS_DATA || common->err->msg_code == JWRN_ADOBE_XFORM;
      if (level >= 0 || harmless || decoder->damage[0] != '\0') return;
      common->err->format_message(common, decoder->damage);
    };
    progress.progress_monitor = [](j_common_ptr common) {
      auto* decoder = static_cast<Decoder*>(common->client_data);
      if (decoder->info.input_scan_number <= most_scans) return;
      std::snprintf(decoder->message, sizeof decoder->message, "more than %d scans", most_scans);
      std::longjmp(decoder->failed, 1);
    };
  }
  ~Decoder() {
    jpeg_destroy_decompress(&info);
    std::free(profile);
  }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  bool read_header(const uint8_t* data, size_t size) {
    if (setjmp(failed) != 0) return false;
    jpeg_create_decompress(&info);
    info.progress = &progress;
    jpeg_mem_src(&info, data, size);
    jpeg_save_markers(&info, JPEG_APP0 + 1, 0xFFFF);
    jpeg_save_markers(&info, JPEG_APP0 + 2, 0xFFFF);
    jpeg_read_header(&info, TRUE);
    jpeg_read_icc_profile(&info, &profile, &profile_bytes);
    return true;
  }

  bool start() {
    if (setjmp(failed) != 0) return false;
    bool ink = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
    info.out_color_space = ink ? JCS_CMYK : JCS_RGB;
    jpeg_start_decompress(&info);
    return true;
  }

  bool read_row(uint8_t* row) {
    if (setjmp(failed) != 0) return false;
    jpeg_read_scanlines(&info, &row, 1);
    return true;
  }
};

void ink_to_rgb(const uint8_t* cmyk, uint8_t* rgb, int64_t width, bool inverted) {
  for (int64_t x = 0; x < width; ++x, cmyk += 4, rgb += 3) {
    for (int c = 0; c < 3; ++c) {
      int light = inverted ? cmyk[c] : 255 - cmyk[c], black = inverted ? cmyk[3] : 255 - cmyk[3];
      rgb[c] = static_cast<uint8_t>((light * black + 127) / 255);
    }
  }
}

Metadata metadata_of(const Decoder& decoder) {
  Metadata metadata;
  for (auto* marker = decoder.info.marker_list; marker != nullptr; marker = marker->next) {
    bool exif =
        marker->marker == JPEG_APP0 + 1 && marker->data_length > 6 && std::memcmp(marker->data, "Exif\0\0", 6) == 0;
    if (exif && metadata.exif.empty()) metadata.exif.assign(marker->data + 6, marker->data + marker->data_length);
  }
  // Bytes 16 … 19 of a profile name the colours it is for; one for inks or greys does not fit the RGB that comes out.
  if (decoder.profile_bytes >= 128 && std::memcmp(decoder.profile + 16, "RGB ", 4) == 0) {
    metadata.icc.assign(decoder.profile, decoder.profile + decoder.profile_bytes);
  }
  return metadata;
}

// A file in several scans is kept as coefficients of two bytes until the last; a turned one as two pictures.
int64_t bytes_per_pixel(Decoder& decoder, const Metadata& metadata) {
  int64_t coefficients = jpeg_has_multiple_scans(&decoder.info) ? 2 * decoder.info.num_components : 0;
  return coefficients + (orientation_of(metadata.exif) > 1 ? 3 : 0);
}

}  // namespace

DecodedImage decode_jpeg(const EncodedImage& file) {
  Decoder decoder;
  auto require = [&](bool done) {
    if (!done) throw FileError("{}: cannot be read as a JPEG: {}", file.name, decoder.message);
  };
  auto require_undamaged = [&] {
    if (decoder.damage[0] == '\0' || file.options.accept_damaged) return;
    throw FileError("{}: is damaged or cut short ({}); expected a whole JPEG", file.name, decoder.damage);
  };
  require(decoder.read_header(file.data(), file.size()));
  DecodedImage decoded;
  decoded.metadata = metadata_of(decoder);
  int64_t width = decoder.info.image_width, height = decoder.info.image_height;
  require_within_limits(file, width, height, bytes_per_pixel(decoder, decoded.metadata));

  require(decoder.start());
  require_undamaged();
  decoded.image = Image(width, height);
  bool ink = decoder.info.out_color_space == JCS_CMYK;
  std::vector<uint8_t> row(ink ? static_cast<size_t>(4 * width) : 0);
  for (int64_t y = 0; y < height; ++y) {
    require(decoder.read_row(ink ? row.data() : decoded.image.pixel(y, 0)));
    require_undamaged();
    if (ink) ink_to_rgb(row.data(), decoded.image.pixel(y, 0), width, decoder.info.saw_Adobe_marker);
  }
  return decoded;
}

}  // namespace cuunet
