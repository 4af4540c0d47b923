// Writes a zip archive of stored records as torch.save does: each record's data begins at a multiple of 64 bytes, after
// padding in an extra field, so that mapped tensors are aligned; zip64 where something is larger than 4 GiB.
#pragma once

#include "engine/io/atomic_file.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cuunet {

class ZipWriter {
 public:
  explicit ZipWriter(AtomicFile& file) : file_(file) {}
  void add(const std::string& name, std::span<const std::byte> bytes);
  void add(const std::string& name, std::string_view text) { add(name, std::as_bytes(std::span(text))); }
  void finish();  // the directory; the caller commits the file

 private:
  struct Entry {
    std::string name;
    uint32_t crc;
    uint64_t size, header;
  };
  void write(std::string_view bytes);

  AtomicFile& file_;
  uint64_t at_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace cuunet
