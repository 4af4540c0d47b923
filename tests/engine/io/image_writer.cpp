#include "engine/io/image_writer.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include "engine/io/image_reader.h"
#include "kernels/device/error.h"
#include "tests/engine/io/encoded_images.h"

namespace cuunet {
namespace {

namespace fs = std::filesystem;

struct TemporaryFolder {
  fs::path path = fs::temp_directory_path() / fmt::format("cuunet_image_writer_{}", getpid());
  TemporaryFolder() { fs::create_directories(path); }
  ~TemporaryFolder() { fs::remove_all(path); }
};

Image stripes(int64_t width, int64_t height) {
  Image image(width, height);
  for (size_t i = 0; i < image.rgb.size(); ++i) image.rgb[i] = static_cast<uint8_t>(i * 37 % 251);
  return image;
}

TEST_CASE("PNG keeps every pixel and the EXIF block") {
  Image image = stripes(7, 5);
  Metadata metadata;
  metadata.exif = exif_with_orientation(1, false);
  DescribedImage read = read_image_with_metadata(encode_png(image, metadata), "picture");
  CHECK(read.image.rgb == image.rgb);
  CHECK(read.metadata.exif == metadata.exif);
  CHECK(read_image(encode_png(stripes(1, 1)), "picture").rgb == stripes(1, 1).rgb);
}

TEST_CASE("JPEG keeps the EXIF block and the colour profile, large ones in several segments") {
  Metadata metadata;
  metadata.exif = exif_with_orientation(1, true);
  metadata.icc.assign(100000, 7);
  const char* colours = "RGB ";
  std::copy(colours, colours + 4, metadata.icc.begin() + 16);
  DescribedImage read = read_image_with_metadata(encode_jpeg(stripes(9, 9), 90, metadata), "picture");
  CHECK(read.metadata.exif == metadata.exif);
  CHECK(read.metadata.icc == metadata.icc);

  metadata.icc[16] = 'C';  // a profile for other colours than RGB does not fit what is read
  CHECK(read_image_with_metadata(encode_jpeg(stripes(9, 9), 90, metadata), "picture").metadata.icc.empty());
  metadata.exif.resize(70000);  // does not fit into one segment
  CHECK(read_image_with_metadata(encode_jpeg(stripes(9, 9), 90, metadata), "picture").metadata.exif.empty());
}

TEST_CASE("higher quality is a larger file") {
  CHECK(encode_jpeg(stripes(64, 64), 95).size() > encode_jpeg(stripes(64, 64), 30).size());
}

TEST_CASE("the name decides the format, and nothing is replaced unasked") {
  TemporaryFolder folder;
  write_image(folder.path / "a.PNG", stripes(4, 4));
  CHECK(read_image(folder.path / "a.PNG").rgb == stripes(4, 4).rgb);
  write_image(folder.path / "a.jpeg", stripes(4, 4));
  CHECK_THROWS_AS(write_image(folder.path / "a.PNG", stripes(8, 8)), FileError);
  CHECK(read_image(folder.path / "a.PNG").width == 4);
  WriteOptions replace;
  replace.existing = Existing::replace;
  write_image(folder.path / "a.PNG", stripes(8, 8), replace);
  CHECK(read_image(folder.path / "a.PNG").width == 8);
  CHECK(std::distance(fs::directory_iterator(folder.path), {}) == 2);
}

TEST_CASE("what cannot be written is said before anything is") {
  CHECK_THROWS_WITH_AS(write_image("a.tif", stripes(1, 1)),
                       "a.tif: cannot write an image of that name; expected one that ends in .jpg, .jpeg or .png",
                       UsageError);
  CHECK_THROWS_WITH_AS(encode_png(Image()), "PNG: the image is empty; expected at least 1 x 1 pixels", Error);
  CHECK_THROWS_WITH_AS(encode_jpeg(stripes(1, 1), 0), "JPEG: quality 0; expected 1 … 100", Error);
  CHECK_THROWS_WITH_AS(encode_jpeg(stripes(70000, 1)),
                       "JPEG: 70000 x 1 pixels cannot be written: Maximum supported image dimension is 65500 pixels",
                       Error);
}

}  // namespace
}  // namespace cuunet
