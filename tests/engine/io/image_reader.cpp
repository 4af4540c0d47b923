#include "engine/io/image_reader.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>

#include "engine/io/image_writer.h"
#include "kernels/device/error.h"
#include "kernels/device/philox.h"
#include "tests/engine/io/encoded_images.h"

namespace cuunet {
namespace {

namespace fs = std::filesystem;

// Smooth, so that JPEG keeps it: red falls from left to right, green from top to bottom.
Image slopes(int64_t width, int64_t height) {
  Image image(width, height);
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      image.pixel(y, x)[0] = static_cast<uint8_t>(250 - 200 * x / width);
      image.pixel(y, x)[1] = static_cast<uint8_t>(200 - 150 * y / height);
      image.pixel(y, x)[2] = 60;
    }
  }
  return image;
}

int largest_difference(const Image& a, const Image& b) {
  REQUIRE(a.width == b.width);
  REQUIRE(a.height == b.height);
  int largest = 0;
  for (size_t i = 0; i < a.rgb.size(); ++i) largest = std::max(largest, std::abs(a.rgb[i] - b.rgb[i]));
  return largest;
}

using Row = std::vector<uint8_t>;

Row pixels_of(const Bytes& bytes) { return read_image(bytes, "picture").rgb; }

std::string why_refused(const Bytes& bytes, const ReadOptions& options = {}) {
  try {
    read_image(bytes, "picture", options);
  } catch (const FileError& error) {
    return error.what();
  }
  return "accepted";
}

Bytes bytes_of(const std::string& text) {
  Bytes bytes;
  append(bytes, text);
  return bytes;
}

TEST_CASE("PNG: grey, alpha, palette and 16 bits become 8-bit RGB") {
  CHECK(pixels_of(one_row_png(2, 8, 2, "abcdef")) == Row{'a', 'b', 'c', 'd', 'e', 'f'});
  CHECK(pixels_of(one_row_png(2, 8, 0, "ab")) == Row{'a', 'a', 'a', 'b', 'b', 'b'});
  // Alpha over white: 0 -> 255, full -> the colour, 128 of 100 -> round((100·128 + 255·127)/255) = 177.
  CHECK(pixels_of(one_row_png(3, 8, 4, std::string("\x64\x00\x64\xff\x64\x80", 6))) ==
        Row{255, 255, 255, 100, 100, 100, 177, 177, 177});
  CHECK(pixels_of(one_row_png(1, 8, 6, std::string("\x00\x64\xff\x80", 4))) == Row{127, 177, 255});
  // 16 bits: round(v / 257), so that 128 -> 0, 129 -> 1, 65535 -> 255, 65406 -> 254.
  CHECK(pixels_of(one_row_png(4, 16, 0, std::string("\x00\x80\x00\x81\xff\xff\xff\x7e", 8))) ==
        Row{0, 0, 0, 1, 1, 1, 255, 255, 255, 254, 254, 254});
  CHECK(pixels_of(one_row_png(1, 16, 2, std::string("\x01\x01\x80\x80\x00\x00", 6))) == Row{1, 128, 0});
  CHECK(pixels_of(one_row_png(1, 16, 6, std::string("\x00\x00\x00\x00\x00\x00\x7f\xff", 8))) == Row{128, 128, 128});
  std::string palette = png_chunk("PLTE", "abcdef") + png_chunk("tRNS", std::string("\xff\x00", 2));
  CHECK(pixels_of(one_row_png(2, 8, 3, std::string("\x01\x00", 2), palette)) == Row{255, 255, 255, 'a', 'b', 'c'});
}

TEST_CASE("PNG: orientation in an eXIf chunk is applied") {
  std::vector<uint8_t> exif = exif_with_orientation(2, true);
  std::string chunk = png_chunk("eXIf", std::string(exif.begin(), exif.end()));
  DescribedImage read = read_image_with_metadata(one_row_png(2, 8, 0, "ab", chunk), "picture");
  CHECK(read.image.rgb == Row{'b', 'b', 'b', 'a', 'a', 'a'});
  CHECK(orientation_of(read.metadata.exif) == 1);
}

TEST_CASE("BMP is read, and refused when cut") {
  std::string pixels = "abcdef" + std::string(2, '\0');
  std::string bmp = "BM" + little_endian(62) + little_endian(0) + little_endian(54) + little_endian(40) +
                    little_endian(2) + little_endian(1) + little_endian(1, 2) + little_endian(24, 2) +
                    std::string(24, '\0') + pixels;
  CHECK(pixels_of(bytes_of(bmp)) == Row{'c', 'b', 'a', 'f', 'e', 'd'});
  CHECK(why_refused(bytes_of(bmp.substr(0, 60))) ==
        "picture: is damaged or cut short (60 bytes); expected a whole BMP");
  CHECK(why_refused(bytes_of(bmp.substr(0, 20))) ==
        "picture: is damaged or cut short (20 bytes); expected a whole BMP");
}

TEST_CASE("JPEG: colour, progressive, grey") {
  Image image = slopes(40, 30);
  // Quality 100 without subsampling: rounding of the transform and of YCbCr, each below 2.
  CHECK(largest_difference(read_image(encode_jpeg(image, 100), "picture"), image) <= 3);
  JpegKind progressive;
  progressive.progressive = true;
  CHECK(largest_difference(read_image(make_jpeg(40, 30, image.rgb, progressive), "picture"), image) <= 8);
  JpegKind grey{JCS_GRAYSCALE, 1, true, false};
  Image read = read_image(make_jpeg(16, 16, Row(256, 77), grey), "picture");
  CHECK(read.rgb == Row(768, 77));
}

TEST_CASE("JPEG: inks become light, Adobe's inverted values and plain ones") {
  // Cyan 40 %, magenta 20 %, yellow 0, black 10 %, as amounts of ink.
  const uint8_t ink[4] = {102, 51, 0, 26};
  const int light[3] = {(255 - 102) * (255 - 26) / 255, (255 - 51) * (255 - 26) / 255, 229};
  Row plain, inverted;
  for (int i = 0; i < 64; ++i) {
    for (uint8_t c : ink) {
      plain.push_back(c);
      inverted.push_back(static_cast<uint8_t>(255 - c));
    }
  }
  for (bool adobe : {false, true}) {
    CAPTURE(adobe);
    Image read = read_image(make_jpeg(8, 8, adobe ? inverted : plain, {JCS_CMYK, 4, adobe, false}), "picture");
    for (int c = 0; c < 3; ++c) CHECK(std::abs(read.rgb[static_cast<size_t>(c)] - light[c]) <= 3);
  }
}

TEST_CASE("EXIF orientation turns the picture upright, all eight ways, both byte orders") {
  // A picture whose corners differ; stored turned by the inverse of each orientation, it must come out as it was.
  Image image(3, 2);
  for (size_t i = 0; i < 6; ++i) image.rgb[3 * i] = static_cast<uint8_t>(i);
  auto reds = [](const Image& picture) {
    Row row;
    for (size_t i = 0; i < picture.rgb.size(); i += 3) row.push_back(picture.rgb[i]);
    return row;
  };
  const Row expected[] = {{0, 1, 2, 3, 4, 5}, {2, 1, 0, 5, 4, 3}, {5, 4, 3, 2, 1, 0}, {3, 4, 5, 0, 1, 2},
                          {0, 3, 1, 4, 2, 5}, {3, 0, 4, 1, 5, 2}, {5, 2, 4, 1, 3, 0}, {2, 5, 1, 4, 0, 3}};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    CAPTURE(orientation);
    Image turned = upright(image, orientation);
    CHECK(turned.width == (orientation >= 5 ? 2 : 3));
    CHECK(reds(turned) == expected[orientation - 1]);

    Metadata metadata;
    metadata.exif = exif_with_orientation(static_cast<uint32_t>(orientation), orientation % 2 == 0);
    DescribedImage read = read_image_with_metadata(encode_jpeg(slopes(24, 16), 100, metadata), "picture");
    CHECK(largest_difference(read.image, upright(slopes(24, 16), orientation)) <= 3);
    CHECK(orientation_of(read.metadata.exif) == 1);
    CHECK(read.metadata.exif == exif_with_orientation(1, orientation % 2 == 0));
  }
}

TEST_CASE("a broken EXIF block is upright and harmless") {
  std::vector<uint8_t> exif = exif_with_orientation(6, false);
  for (size_t length = 0; length < exif.size(); ++length) {
    int orientation = orientation_of(std::span(exif).first(length));
    CHECK((orientation == 1 || (orientation == 6 && length >= 22)));
  }
  CHECK(orientation_of(exif_with_orientation(9, false)) == 1);
  exif[4] = exif[5] = exif[6] = exif[7] = 0xFF;  // a directory far beyond the end
  CHECK(orientation_of(exif) == 1);
}

TEST_CASE("what is not an image is named") {
  CHECK(why_refused({}) == "picture: is empty (0 bytes); expected a JPEG, PNG or BMP image");
  CHECK(why_refused(bytes_of("hello")) ==
        "picture: is not an image; expected JPEG, PNG or BMP, found bytes 68 65 6c 6c …");
  CHECK(why_refused(bytes_of("GIF89a")) == "picture: is a GIF; expected a JPEG, PNG or BMP image");
  CHECK(why_refused(bytes_of("RIFF1234WEBPVP8 ")) == "picture: is a WebP image; expected a JPEG, PNG or BMP image");
  CHECK(why_refused(bytes_of("version https://git-lfs.github.com/spec/v1")) ==
        "picture: is a Git LFS pointer (run 'git lfs pull'); expected a JPEG, PNG or BMP image");
  CHECK(why_refused(bytes_of("\xff\xd8\xff")).starts_with("picture: cannot be read as a JPEG: "));
}

TEST_CASE("zero-size and huge images are refused before memory is taken") {
  CHECK(why_refused(bytes_of(png_header(0, 5, 8, 2) + png_chunk("IEND", ""))) ==
        "picture: is 0 x 5 pixels; expected at least 1 x 1");
  std::string huge = png_header(10000, 10000, 8, 2) + png_chunk("IEND", "");
  CHECK(why_refused(bytes_of(huge)) ==
        "picture: 10000 x 10000 pixels (100.0 megapixels) need 1100 MB of memory; at most 64 megapixels and 1074 MB "
        "are allowed; make the image smaller");
  ReadOptions more;
  more.most_megapixels = 200;
  more.most_bytes = int64_t{2} << 30;
  CHECK(why_refused(bytes_of(huge), more).starts_with("picture: cannot be read as a PNG: "));
  CHECK(why_refused(bytes_of(png_header(0xFFFFFFFF, 0xFFFFFFFF, 16, 6) + png_chunk("IEND", "")), more)
            .starts_with("picture: 4294967295 x 4294967295 pixels"));

  // The header of a small JPEG made to claim 10000 x 10000: libjpeg finds the claim in the frame's segment (FF C0).
  Bytes jpeg = encode_jpeg(slopes(16, 16));
  for (size_t i = 0; i + 9 < jpeg.size(); ++i) {
    if (jpeg[i] != std::byte{0xFF} || jpeg[i + 1] != std::byte{0xC0}) continue;
    for (size_t at : {i + 5, i + 7}) {
      jpeg[at] = std::byte{10000 >> 8};
      jpeg[at + 1] = std::byte{10000 & 255};
    }
    break;
  }
  ReadOptions working;
  working.bytes_per_pixel_in_use = 20;
  working.remedy = "ask for more";
  CHECK(why_refused(jpeg, working) ==
        "picture: 10000 x 10000 pixels (100.0 megapixels) need 2000 MB of memory; at most 64 megapixels and 1074 MB "
        "are allowed; ask for more");
}

TEST_CASE("a PNG that unpacks to far more than its size says is refused") {
  auto packed = [](int matches) {
    return bytes_of(png_header(1, 1, 8, 2) + png_chunk("IDAT", zlib_bomb(matches)) + png_chunk("IEND", ""));
  };
  CHECK(pixels_of(packed(1)) == Row{0, 0, 0});                                        // 259 bytes for 4 are let pass
  CHECK(why_refused(packed(40000)) == "picture: cannot be read as a PNG: outofmem");  // 10 MB for 4 are not
}

TEST_CASE("a cut photograph is refused by name, and read when damage is accepted") {
  Image image = slopes(64, 64);
  Bytes jpeg = encode_jpeg(image);
  Bytes half(jpeg.begin(), jpeg.begin() + static_cast<std::ptrdiff_t>(jpeg.size() * 2 / 3));
  CHECK(why_refused(half) == "picture: is damaged or cut short (Premature end of JPEG file); expected a whole JPEG");
  ReadOptions accept;
  accept.accept_damaged = true;
  Image read = read_image(half, "picture", accept);
  CHECK(read.width == 64);
  CHECK(std::abs(read.pixel(0, 0)[0] - image.pixel(0, 0)[0]) <= 8);

  Bytes png = encode_png(image);
  half.assign(png.begin(), png.begin() + static_cast<std::ptrdiff_t>(png.size() / 2));
  CHECK(why_refused(half) == "picture: is damaged or cut short (a chunk goes beyond the end); expected a whole PNG");
  // A chunk whose type is no word, though its checksum is right: the decoder would print it as it is.
  CHECK(why_refused(one_row_png(1, 8, 0, "a", png_chunk("I\nAT", ""))) ==
        "picture: is damaged or cut short (no chunk type at byte 37); expected a whole PNG");
  png[png.size() / 2] ^= std::byte{1};
  CHECK(why_refused(png).starts_with("picture: is damaged or cut short (wrong checksum at byte "));
}

TEST_CASE("cut and bit-flipped images are read or refused, never worse") {
  Image image = slopes(33, 21);
  JpegKind progressive;
  progressive.progressive = true;
  const Bytes originals[] = {encode_jpeg(image), make_jpeg(33, 21, image.rgb, progressive), encode_png(image)};
  RandomStream random(23, Purpose::split);
  ReadOptions small;
  small.most_megapixels = 1;  // flipped sizes must not make the test slow
  small.accept_damaged = true;
  for (const Bytes& original : originals) {
    int refused = 0;
    for (size_t length = 0; length < original.size(); length += 3) {
      refused +=
          why_refused({original.begin(), original.begin() + static_cast<std::ptrdiff_t>(length)}, small) != "accepted";
    }
    for (int round = 0; round < 300; ++round) {
      Bytes bytes = original;
      for (int64_t flips = 1 + random.below(3); flips > 0; --flips) {
        auto at = static_cast<size_t>(random.below(static_cast<int64_t>(bytes.size())));
        bytes[at] ^= static_cast<std::byte>(1 << random.below(8));
      }
      refused += why_refused(bytes, small) != "accepted";
    }
    CHECK(refused > 100);
  }
}

TEST_CASE("files: read by content, whatever the name; missing ones and folders are named") {
  fs::path folder = fs::temp_directory_path() / fmt::format("cuunet_image_reader_{}", getpid());
  fs::create_directories(folder);
  Bytes png = encode_png(slopes(5, 4));
  write_file(folder / "photo.jpg", png, Existing::refuse);
  CHECK(read_image(folder / "photo.jpg").rgb == slopes(5, 4).rgb);
  CHECK_THROWS_WITH_AS(read_image(folder / "no.jpg"),
                       ((folder / "no.jpg").string() + ": cannot open it: No such file or directory").c_str(),
                       FileError);
  CHECK_THROWS_WITH_AS(read_image(folder), (folder.string() + ": is a folder; expected a file").c_str(), FileError);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace cuunet
