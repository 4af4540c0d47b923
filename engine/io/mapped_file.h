// A file's bytes, mapped read-only: opening costs nothing, pages arrive when they are read.
// The file must not be shortened while it is mapped: reading past its new end is a SIGBUS.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <thread>
#include <utility>

namespace cuunet {

class MappedFile {
 public:
  MappedFile() = default;
  explicit MappedFile(const std::filesystem::path& path);  // FileError: missing, not readable, a folder
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})), ahead_(std::move(other.ahead_)) {}
  MappedFile& operator=(MappedFile&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(ahead_, other.ahead_);
    return *this;
  }

  std::span<const std::byte> bytes() const { return bytes_; }
  // Begins to bring the whole file from the disk while the caller goes on: its end, where a zip archive has its
  // directory, then first byte to last. For who will read it all; what is in memory already is not read again.
  void read_ahead();
  // Gives back the memory of the pages that lie wholly in a part of bytes(); who reads there again reads the file
  // again.
  void release(std::span<const std::byte> part) const;

 private:
  std::span<const std::byte> bytes_;
  std::jthread ahead_;
};

}  // namespace cuunet
