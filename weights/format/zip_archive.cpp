#include "weights/format/zip_archive.h"

#include "kernels/device/error.h"
#include "weights/format/crc32.h"
#include "weights/format/little_endian.h"
#include "weights/format/printable.h"

#include <algorithm>
#include <numeric>

namespace cuunet {
namespace {

using Path = std::filesystem::path;
using Bytes = std::span<const std::byte>;

constexpr uint32_t local_signature = 0x04034b50, entry_signature = 0x02014b50, end_signature = 0x06054b50;
constexpr uint32_t end64_signature = 0x06064b50, locator_signature = 0x07064b50;
constexpr size_t local_bytes = 30, entry_bytes = 46, end_bytes = 22, end64_bytes = 56, locator_bytes = 20;
constexpr size_t longest_comment = 0xFFFF;
constexpr uint32_t in_zip64 = 0xFFFFFFFF;

template <class... Args>
[[noreturn]] void refuse(const Path& path, fmt::format_string<Args...> reason, Args&&... args) {
  throw FileError("{}: not a usable zip archive: {}", path.string(), fmt::format(reason, std::forward<Args>(args)...));
}

uint16_t u16(Bytes bytes, size_t at) { return little_endian<uint16_t>(bytes, at); }
uint32_t u32(Bytes bytes, size_t at) { return little_endian<uint32_t>(bytes, at); }
uint64_t u64(Bytes bytes, size_t at) { return little_endian<uint64_t>(bytes, at); }

// The fields that an entry moved to its zip64 extra field, in the order in which they stand there.
void read_zip64(const Path& path, const std::string& name, Bytes extra, std::span<uint64_t* const> moved) {
  if (moved.empty()) return;
  while (extra.size() >= 4) {
    uint16_t id = u16(extra, 0), length = u16(extra, 2);
    extra = extra.subspan(4);
    if (length > extra.size()) break;
    if (id == 1) {
      if (length < 8 * moved.size()) break;
      for (size_t i = 0; i < moved.size(); ++i) *moved[i] = u64(extra, 8 * i);
      return;
    }
    extra = extra.subspan(length);
  }
  refuse(path, "record {} has no usable zip64 field for its size", in_quotes(name));
}

}  // namespace

ZipArchive::ZipArchive(const Path& path, Bytes file) : path_(path), file_(file) {
  Directory directory = find_directory();
  data_end_ = directory.offset;
  Bytes entries = file_.subspan(directory.offset, directory.bytes);
  if (directory.entries > entries.size() / entry_bytes) {
    refuse(path_, "the directory has {} bytes, too few for {} records", entries.size(), directory.entries);
  }
  size_t at = 0;
  for (uint64_t i = 0; i < directory.entries; ++i) at = read_entry(entries, at);
  if (at != entries.size()) refuse(path_, "the directory is longer than its {} records", directory.entries);
  for (size_t i = 0; i < records_.size(); ++i) {
    if (!by_name_.emplace(records_[i].name, i).second) {
      refuse(path_, "two records are named {}", in_quotes(records_[i].name));
    }
  }
  read_records();
}

ZipArchive::Directory ZipArchive::find_directory() const {
  if (file_.size() < end_bytes) refuse(path_, "{} bytes are too few; the file is cut short", file_.size());
  size_t last = file_.size() - end_bytes, first = last - std::min(last, longest_comment);
  for (size_t end = last + 1; end-- > first;) {
    if (u32(file_, end) != end_signature) continue;
    if (u16(file_, end + 20) != last - end) refuse(path_, "its end record does not reach the end of the file");
    if (u16(file_, end + 4) != 0 || u16(file_, end + 6) != 0) refuse(path_, "it spans several disks");
    Directory directory{u16(file_, end + 10), u32(file_, end + 16), u32(file_, end + 12)};
    bool zip64 = end >= locator_bytes && u32(file_, end - locator_bytes) == locator_signature;
    if (zip64) return zip64_directory(end, directory);
    if (u16(file_, end + 8) != directory.entries || directory.offset + directory.bytes != end) {
      refuse(path_, "its end record contradicts the file ({} bytes of directory at {}, which should end at {})",
             directory.bytes, directory.offset, end);
    }
    return directory;
  }
  refuse(path_, "its end is missing; the file is cut short, load or copy it again");
}

ZipArchive::Directory ZipArchive::zip64_directory(size_t end, const Directory& directory) const {
  uint64_t at = u64(file_, end - locator_bytes + 8);
  if (end < locator_bytes + end64_bytes || at > end - locator_bytes - end64_bytes ||
      u32(file_, at) != end64_signature || u64(file_, at + 4) != end - locator_bytes - at - 12) {
    refuse(path_, "its zip64 end record is not at byte {}", at);
  }
  if (u32(file_, at + 16) != 0 || u32(file_, at + 20) != 0) refuse(path_, "it spans several disks");
  Directory found{u64(file_, at + 32), u64(file_, at + 48), u64(file_, at + 40)};
  auto agree = [](uint64_t small, uint64_t largest, uint64_t wide) { return small == largest || small == wide; };
  if (found.offset > at || found.bytes != at - found.offset || u64(file_, at + 24) != found.entries ||
      !agree(directory.entries, 0xFFFF, found.entries) || !agree(directory.offset, in_zip64, found.offset) ||
      !agree(directory.bytes, in_zip64, found.bytes)) {
    refuse(path_, "its zip64 end record contradicts the file ({} bytes of directory at {}, which should end at {})",
           found.bytes, found.offset, at);
  }
  return found;
}

size_t ZipArchive::read_entry(Bytes directory, size_t at) {
  Bytes entry = directory.subspan(at);
  if (entry.size() < entry_bytes || u32(entry, 0) != entry_signature) {
    refuse(path_, "record {} of the directory is missing or damaged", records_.size());
  }
  size_t name = u16(entry, 28), extra = u16(entry, 30), comment = u16(entry, 32);
  if (entry.size() - entry_bytes < name + extra + comment) {
    refuse(path_, "record {} of the directory is cut short", records_.size());
  }
  ZipRecord record;
  record.name.assign(reinterpret_cast<const char*>(entry.data()) + entry_bytes, name);
  uint16_t flags = u16(entry, 8), method = u16(entry, 10);
  if ((flags & 0x2041) != 0) refuse(path_, "record {} is encrypted", in_quotes(record.name));
  if (method != 0) {
    refuse(path_, "record {} is compressed (method {}); save it again with torch.save, which only stores",
           in_quotes(record.name), method);
  }
  record.crc = u32(entry, 16);
  uint64_t packed = u32(entry, 20), size = u32(entry, 24), header = u32(entry, 42);
  std::vector<uint64_t*> moved;
  for (uint64_t* field : {&size, &packed, &header}) {
    if (*field == in_zip64) moved.push_back(field);
  }
  read_zip64(path_, record.name, entry.subspan(entry_bytes + name, extra), moved);
  if (packed != size) {
    refuse(path_, "record {} has {} bytes in {}, although nothing is compressed", in_quotes(record.name), size, packed);
  }
  records_.push_back(std::move(record));
  places_.push_back({header, size});
  return at + entry_bytes + name + extra + comment;
}

std::span<const std::byte> ZipArchive::bytes_at(Place place, const std::string& record) const {
  auto [header, size] = place;
  if (header > data_end_ || data_end_ - header < local_bytes || u32(file_, header) != local_signature) {
    refuse(path_, "record {} is not at byte {}, where the directory says; the file is damaged", in_quotes(record),
           header);
  }
  size_t name = u16(file_, header + 26), extra = u16(file_, header + 28);
  if (data_end_ - header - local_bytes < name + extra) {
    refuse(path_, "record {} begins beyond the records", in_quotes(record));
  }
  std::string_view there(reinterpret_cast<const char*>(file_.data()) + header + local_bytes, name);
  if (there != record) refuse(path_, "record {} is named {} in its own header", in_quotes(record), in_quotes(there));
  uint64_t begin = header + local_bytes + name + extra;
  if (size > data_end_ - begin) {
    refuse(path_, "record {} has {} bytes, of which the file holds {}; it is cut short or damaged", in_quotes(record),
           size, data_end_ - begin);
  }
  return file_.subspan(begin, size);
}

// In the file's order. Each record ends before the next one's header, so no byte is read twice.
void ZipArchive::read_records() {
  std::vector<size_t> order(records_.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return places_[a].header < places_[b].header; });
  const ZipRecord* before = nullptr;
  for (size_t i : order) {
    ZipRecord& record = records_[i];
    record.bytes = bytes_at(places_[i], record.name);
    if (before != nullptr && before->bytes.data() + before->bytes.size() > file_.data() + places_[i].header) {
      refuse(path_, "records {} and {} overlap", in_quotes(before->name), in_quotes(record.name));
    }
    if (record.crc != 0) record.found_crc = crc32(record.bytes);
    before = &record;
  }
}

const ZipRecord* ZipArchive::find(std::string_view name) const {
  auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &records_[found->second];
}

void ZipArchive::require_intact(const ZipRecord& record) const {
  if (record.crc == 0 || record.found_crc == record.crc) return;
  refuse(path_, "record {} is damaged (its CRC is {:08x}, {:08x} was stored); load or copy the file again",
         in_quotes(record.name), record.found_crc, record.crc);
}

}  // namespace cuunet
