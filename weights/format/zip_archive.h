// A zip archive of stored (not compressed) records, as torch.save writes it, with zip64. PKWARE's APPNOTE.TXT 6.3.
//
// Nothing is unpacked: a record is a range of the mapped file. Sizes, offsets and CRCs come from the central directory;
// everything is checked against the file before use, records may not overlap, and names stand once. FileErrors say
// which record and why. The file is read once, from its first byte to its last, whatever the directory's order: a disk
// reads that ahead, and the CRCs are done while the next bytes come.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cuunet {

struct ZipRecord {
  std::string name;
  std::span<const std::byte> bytes;
  uint32_t crc = 0, found_crc = 0;  // by the directory, and of the bytes
};

class ZipArchive {
 public:
  // `file` outlives the archive; `path` is for messages.
  ZipArchive(const std::filesystem::path& path, std::span<const std::byte> file);
  ZipArchive(const ZipArchive&) = delete;
  ZipArchive& operator=(const ZipArchive&) = delete;

  const std::vector<ZipRecord>& records() const { return records_; }  // in the order of the directory
  const ZipRecord* find(std::string_view name) const;                 // null when there is none
  // FileError: a CRC that was stored (is not 0) and is not that of the bytes.
  void require_intact(const ZipRecord& record) const;

 private:
  struct Directory {
    uint64_t entries, offset, bytes;
  };
  struct Place {
    uint64_t header, size;  // where its local header begins; bytes of the record behind it
  };
  Directory find_directory() const;
  Directory zip64_directory(size_t end, const Directory& directory) const;
  size_t read_entry(std::span<const std::byte> directory, size_t at);
  void read_records();
  std::span<const std::byte> bytes_at(Place place, const std::string& name) const;

  std::filesystem::path path_;
  std::span<const std::byte> file_;
  size_t data_end_ = 0;  // where the central directory begins
  std::vector<ZipRecord> records_;
  std::vector<Place> places_;  // of each record
  std::map<std::string_view, size_t> by_name_;
};

}  // namespace cuunet
