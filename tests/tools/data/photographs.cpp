#include "tools/data/photographs.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <set>

#include "engine/io/image_writer.h"
#include "kernels/device/error.h"
#include "tools/data/photo_folder.h"

namespace cuunet {
namespace {

namespace fs = std::filesystem;

struct TemporaryFolder {
  fs::path path = fs::temp_directory_path() / fmt::format("cuunet_photographs_{}", getpid());
  TemporaryFolder() { fs::create_directories(path); }
  ~TemporaryFolder() { fs::remove_all(path); }
};

Image plain(int64_t width, int64_t height, uint8_t red, uint8_t green, uint8_t blue) {
  Image image(width, height);
  for (size_t i = 0; i < image.rgb.size(); i += 3) {
    image.rgb[i] = red;
    image.rgb[i + 1] = green;
    image.rgb[i + 2] = blue;
  }
  return image;
}

void write_text(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

std::string why_refused(const fs::path& folder) {
  try {
    PhotoFolder photos(folder);
  } catch (const FileError& error) {
    return error.what();
  }
  return "accepted";
}

TEST_CASE("a folder's photographs are those of its subfolders, sorted, without hidden files") {
  TemporaryFolder folder;
  fs::create_directories(folder.path / "sub/.thumbnails");
  fs::create_directories(folder.path / "folder.jpg");
  for (const char* name : {"b.png", "a.JPG", "sub/c.jpeg", "sub/.thumbnails/d.png", "._a.jpg", "folder.jpg/e.png"}) {
    bool png = fs::path(name).extension() == ".png";
    Image image = plain(3, 2, 1, 2, 3);
    write_file(folder.path / name, png ? encode_png(image) : encode_jpeg(image), Existing::refuse);
  }
  write_text(folder.path / "notes.txt", "not a photograph");
  PhotoFolder photos(folder.path);
  std::vector<std::string> names;
  for (int64_t i = 0; i < photos.count(); ++i) names.push_back(photos.name(i));
  CHECK(names == std::vector<std::string>{"a.JPG", "b.png", "folder.jpg/e.png", "sub/c.jpeg"});
  CHECK(photos.load(1).rgb == plain(3, 2, 1, 2, 3).rgb);
}

TEST_CASE("an empty, missing or impossible folder is one line") {
  TemporaryFolder folder;
  std::string name = folder.path.string();
  CHECK(why_refused(folder.path) ==
        name + ": holds no photographs; expected JPEG, PNG or BMP files in it or its subfolders");
  CHECK(why_refused(folder.path / "no") == name + "/no: does not exist; expected a folder of photographs");
  write_text(folder.path / "file", "");
  CHECK(why_refused(folder.path / "file") == name + "/file: is a file; expected a folder of photographs");
}

TEST_CASE("unreadable photographs are left out, counted and listed; grey ones are counted") {
  TemporaryFolder folder;
  write_image(folder.path / "a.png", plain(4, 4, 9, 8, 7));
  write_text(folder.path / "b.jpg", "hello");
  write_image(folder.path / "c.png", plain(4, 4, 50, 50, 50));
  write_text(folder.path / "d.webp", "RIFF1234WEBPVP8 ");
  fs::create_symlink("nowhere", folder.path / "e.png");
  Photographs photos(std::make_shared<PhotoFolder>(folder.path), 1000);
  CHECK(summary_of(photos.account()).empty());
  CHECK(photos.account().seen == 0);

  photos.check(3);
  Photographs::Account account = photos.account();
  CHECK(account.count == 5);
  CHECK(account.seen == 5);
  CHECK(account.grey == 1);
  REQUIRE(account.unreadable.size() == 3);
  CHECK(account.unreadable[0].name == "b.jpg");
  CHECK(account.unreadable[1].name == "d.webp");
  CHECK(account.unreadable[2].name == "e.png");
  CHECK(summary_of(account) ==
        fmt::format("3 of 5 photographs cannot be read and are left out: b.jpg, d.webp, e.png (first: {}/b.jpg: is not "
                    "an image; expected JPEG, PNG or BMP, found bytes 68 65 6c 6c …); 1 of 5 photographs are grey and "
                    "teach no colour",
                    folder.path.string()));
  CHECK(photos.load(1) == nullptr);
  CHECK(photos.load_readable(1)->rgb == plain(4, 4, 50, 50, 50).rgb);
  CHECK(photos.load_readable(3)->rgb == plain(4, 4, 9, 8, 7).rgb);  // around the end
}

TEST_CASE("a folder of nothing but unreadable photographs is an error") {
  TemporaryFolder folder;
  write_text(folder.path / "a.jpg", "");
  Photographs photos(std::make_shared<PhotoFolder>(folder.path), 1000);
  CHECK_THROWS_WITH_AS(photos.load_readable(0),
                       fmt::format("none of the 1 photographs can be read; the first: {}/a.jpg: is empty (0 bytes); "
                                   "expected a JPEG, PNG or BMP image",
                                   folder.path.string())
                           .c_str(),
                       FileError);
}

class CountingSource : public PhotoSource {
 public:
  mutable std::atomic<int> loads{0};
  int64_t count() const override { return 4; }
  std::string name(int64_t i) const override { return std::to_string(i); }
  Image load(int64_t i) const override {
    ++loads;
    return plain(10, 10, static_cast<uint8_t>(i), 0, 0);
  }
};

TEST_CASE("decoded photographs are kept within the budget and not beyond") {
  auto source = std::make_shared<CountingSource>();
  Photographs photos(source, 650);  // two of 300 bytes
  for (int round = 0; round < 3; ++round) {
    for (int64_t i = 0; i < 4; ++i) CHECK(photos.load(i)->rgb[0] == i);
  }
  CHECK(source->loads == 4 + 2 + 2);
}

TEST_CASE("a split keeps a drawn fraction aside, disjoint and complete") {
  Split split = split_by_fraction(100, 0.15, 7);
  CHECK(split.valid.size() == 15);
  std::set<int64_t> all(split.train.begin(), split.train.end());
  all.insert(split.valid.begin(), split.valid.end());
  CHECK(all.size() == 100);
  CHECK(std::is_sorted(split.train.begin(), split.train.end()));
  CHECK(split_by_fraction(100, 0.15, 7).valid == split.valid);
  CHECK(split_by_fraction(100, 0.15, 8).valid != split.valid);
  CHECK(split_by_fraction(2, 0.01, 1).valid.size() == 1);
  CHECK(split_by_fraction(2, 0.99, 1).train.size() == 1);
  CHECK(split_by_fraction(1, 0.5, 1).train.size() + split_by_fraction(1, 0.5, 1).valid.size() == 1);
  CHECK(split_by_fraction(10, 0, 1).valid.empty());

  PhotoSubset subset(std::make_shared<CountingSource>(), {1, 3});
  CHECK(subset.count() == 2);
  CHECK(subset.name(1) == "3");
  CHECK(subset.load(1).rgb[0] == 3);
}

TEST_CASE("an epoch's order is a permutation of its own, the same each time") {
  std::vector<int64_t> a = drawn_order(50, 3, Purpose::shuffle, 1), sorted = a;
  std::sort(sorted.begin(), sorted.end());
  for (int64_t i = 0; i < 50; ++i) CHECK(sorted[static_cast<size_t>(i)] == i);
  CHECK(drawn_order(50, 3, Purpose::shuffle, 1) == a);
  CHECK(drawn_order(50, 3, Purpose::shuffle, 2) != a);
  CHECK(drawn_order(50, 4, Purpose::shuffle, 1) != a);
}

}  // namespace
}  // namespace cuunet
