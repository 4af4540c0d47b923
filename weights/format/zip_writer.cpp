#include "weights/format/zip_writer.h"

#include "weights/format/crc32.h"

#include <algorithm>

namespace cuunet {
namespace {

constexpr uint64_t alignment = 64, in_zip64 = 0xFFFFFFFF;
constexpr uint16_t padding_id = 0x4246;  // "FB", as PyTorch's

template <class T>
void put(std::string& bytes, uint64_t value) {
  for (size_t i = 0; i < sizeof(T); ++i) bytes += static_cast<char>(value >> (8 * i));
}

void put16(std::string& bytes, uint64_t value) { put<uint16_t>(bytes, value); }
void put32(std::string& bytes, uint64_t value) { put<uint32_t>(bytes, value); }
void put64(std::string& bytes, uint64_t value) { put<uint64_t>(bytes, value); }

// The numbers that do not fit into 32 bits.
std::string zip64_field(std::initializer_list<uint64_t> numbers) {
  std::string field;
  for (uint64_t number : numbers) {
    if (number >= in_zip64) put64(field, number);
  }
  std::string head;
  if (!field.empty()) {
    put16(head, 1);
    put16(head, field.size());
  }
  return head + field;
}

// From "version needed" to the uncompressed size, the same in both headers.
std::string description(uint32_t crc, uint64_t size, bool zip64) {
  constexpr uint64_t first_of_january_1980 = 0x0021;
  std::string bytes;
  put16(bytes, zip64 ? 45 : 20);
  put16(bytes, 0x0800);  // names are UTF-8
  put16(bytes, 0);       // stored
  put16(bytes, 0);
  put16(bytes, first_of_january_1980);
  put32(bytes, crc);
  put32(bytes, std::min(size, in_zip64));
  put32(bytes, std::min(size, in_zip64));
  return bytes;
}

}  // namespace

void ZipWriter::write(std::string_view bytes) {
  file_.write(bytes.data(), bytes.size());
  at_ += bytes.size();
}

void ZipWriter::add(const std::string& name, std::span<const std::byte> bytes) {
  Entry entry{name, crc32(bytes), bytes.size(), at_};
  std::string extra = zip64_field({entry.size, entry.size});
  uint64_t data = at_ + 30 + name.size() + extra.size() + 4;
  uint64_t padding = (alignment - data % alignment) % alignment;
  put16(extra, padding_id);
  put16(extra, padding);
  extra.append(padding, 'Z');
  std::string header = "PK\3\4" + description(entry.crc, entry.size, entry.size >= in_zip64);
  put16(header, name.size());
  put16(header, extra.size());
  write(header + name + extra);
  file_.write(bytes.data(), bytes.size());
  at_ += bytes.size();
  entries_.push_back(std::move(entry));
}

void ZipWriter::finish() {
  uint64_t begin = at_;
  for (const Entry& entry : entries_) {
    std::string extra = zip64_field({entry.size, entry.size, entry.header}), header = "PK\1\2";
    put16(header, 45);
    header += description(entry.crc, entry.size, !extra.empty());
    put16(header, entry.name.size());
    put16(header, extra.size());
    header.append(10, '\0');  // comment, disk, attributes
    put32(header, std::min(entry.header, in_zip64));
    write(header + entry.name + extra);
  }
  uint64_t size = at_ - begin, end = at_, count = entries_.size();
  std::string tail;
  if (begin >= in_zip64 || size >= in_zip64 || count >= 0xFFFF) {
    tail += "PK\6\6";
    put64(tail, 44);
    put16(tail, 45);
    put16(tail, 45);
    put64(tail, 0);  // disks
    for (uint64_t number : {count, count, size, begin}) put64(tail, number);
    tail += "PK\6\7";
    put32(tail, 0);
    put64(tail, end);
    put32(tail, 1);
  }
  tail += "PK\5\6";
  put32(tail, 0);
  put16(tail, std::min<uint64_t>(count, 0xFFFF));
  put16(tail, std::min<uint64_t>(count, 0xFFFF));
  put32(tail, std::min(size, in_zip64));
  put32(tail, std::min(begin, in_zip64));
  put16(tail, 0);
  write(tail);
}

}  // namespace cuunet
