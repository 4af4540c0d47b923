#include "weights/format/zip_archive.h"

#include "kernels/device/error.h"
#include "tests/weights/format/temporary_folder.h"
#include "weights/format/zip_writer.h"

#include <doctest/doctest.h>

#include <cstring>

namespace cuunet {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string archive_of(const std::vector<std::pair<std::string, std::string>>& records) {
  TemporaryFolder folder("zip_archive");
  AtomicFile file(folder.path / "a.zip", Existing::replace);
  ZipWriter zip(file);
  for (const auto& [name, text] : records) zip.add(name, text);
  zip.finish();
  file.commit();
  return read_bytes(folder.path / "a.zip");
}

std::string number(uint64_t value, size_t bytes) { return {reinterpret_cast<const char*>(&value), bytes}; }

std::string why_refused(const std::string& file) {
  try {
    ZipArchive archive("a.zip", bytes_of(file));
    for (const ZipRecord& record : archive.records()) archive.require_intact(record);
  } catch (const FileError& error) {
    std::string prefix = "a.zip: not a usable zip archive: ", text = error.what();
    return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
  }
  return "read";
}

TEST_CASE("zip: what is written is read, its data aligned") {
  std::string file = archive_of({{"a/data.pkl", "pickle"}, {"a/data/0", std::string(1000, 'x')}, {"a/empty", ""}});
  ZipArchive archive("a.zip", bytes_of(file));
  REQUIRE(archive.records().size() == 3);
  CHECK(archive.records()[0].name == "a/data.pkl");
  CHECK(archive.find("a/data/0")->bytes.size() == 1000);
  CHECK(archive.find("a/empty")->bytes.empty());
  CHECK(archive.find("a/data/1") == nullptr);
  for (const ZipRecord& record : archive.records()) {
    CHECK((record.bytes.data() - bytes_of(file).data()) % 64 == 0);
    CHECK_NOTHROW(archive.require_intact(record));
  }
}

// One record "r" of four bytes, with everything that may stand in zip64 fields in zip64 fields.
std::string zip64_archive(uint64_t size) {
  std::string local = "PK\3\4" + std::string(22, '\0') + number(1, 2) + number(0, 2) + "r";
  std::string extra = number(1, 2) + number(24, 2) + number(size, 8) + number(size, 8) + number(0, 8);
  std::string entry = "PK\1\2" + std::string(16, '\0') + number(0xFFFFFFFF, 4) + number(0xFFFFFFFF, 4) + number(1, 2) +
                      number(extra.size(), 2) + std::string(10, '\0') + number(0xFFFFFFFF, 4) + "r" + extra;
  uint64_t begin = local.size() + 4, end = begin + entry.size();
  std::string end64 = "PK\6\6" + number(44, 8) + number(45, 2) + number(45, 2) + std::string(8, '\0') + number(1, 8) +
                      number(1, 8) + number(entry.size(), 8) + number(begin, 8);
  std::string locator = "PK\6\7" + std::string(4, '\0') + number(end, 8) + number(1, 4);
  std::string last = "PK\5\6" + std::string(4, '\0') + number(0xFFFF, 2) + number(0xFFFF, 2) + number(0xFFFFFFFF, 4) +
                     number(0xFFFFFFFF, 4) + std::string(2, '\0');
  return local + "data" + entry + end64 + locator + last;
}

TEST_CASE("zip: sizes and offsets in zip64 fields") {
  std::string file = zip64_archive(4);
  ZipArchive archive("a.zip", bytes_of(file));
  REQUIRE(archive.find("r") != nullptr);
  CHECK(std::memcmp(archive.find("r")->bytes.data(), "data", 4) == 0);
  CHECK(why_refused(zip64_archive(uint64_t{1} << 60)) ==
        "record \"r\" has 1152921504606846976 bytes, of which the file holds 4; it is cut short or damaged");
  CHECK(why_refused(zip64_archive(~uint64_t{0})).starts_with("record \"r\" has 18446744073709551615 bytes"));
}

TEST_CASE("zip: an archive that contradicts itself is refused with one line") {
  std::string good = archive_of({{"first", "one"}, {"second", "two"}});
  auto changed = [&](std::string_view after, size_t offset, const std::string& bytes) {
    std::string file = good;
    return file.replace(file.rfind(after) + offset, bytes.size(), bytes);
  };
  REQUIRE(why_refused(good) == "read");
  CHECK(why_refused("") == "0 bytes are too few; the file is cut short");
  CHECK(why_refused(good.substr(0, good.size() - 1)) ==
        "its end is missing; the file is cut short, load or copy it again");
  CHECK(why_refused(changed("PK\5\6", 4, "\3")) == "it spans several disks");
  CHECK(why_refused(changed("PK\5\6", 10, "\7")).starts_with("its end record contradicts the file"));
  CHECK(why_refused(changed("PK\5\6", 16, "\7")).starts_with("its end record contradicts the file"));
  CHECK(why_refused(changed("PK\1\2", 0, "XX")) == "record 1 of the directory is missing or damaged");
  CHECK(why_refused(changed("PK\1\2", 8, "\1")) == "record \"second\" is encrypted");
  CHECK(why_refused(changed("PK\1\2", 10, "\x8")) ==
        "record \"second\" is compressed (method 8); save it again with torch.save, which only stores");
  CHECK(why_refused(changed("PK\1\2", 20, "\x9")) ==
        "record \"second\" has 3 bytes in 9, although nothing is compressed");
  CHECK(why_refused(changed("PK\1\2", 42, "\1")) ==
        "record \"second\" is not at byte 1, where the directory says; the file is damaged");
  CHECK(why_refused(changed("PK\1\2", 46, "f")) == "record \"fecond\" is named \"second\" in its own header");
  CHECK(why_refused(changed("two", 0, "TWO")) ==
        "record \"second\" is damaged (its CRC is 876dc8ec, 11ca8a66 was stored); load or copy the file again");
  CHECK(why_refused(archive_of({{"same", "one"}, {"same", "two"}})) == "two records are named \"same\"");
  std::string crc = changed("PK\1\2", 16, std::string(4, '\0'));
  CHECK(why_refused(crc) == "read");  // 0: not computed
}

}  // namespace
}  // namespace cuunet
