// A file on its way: FILE.part beside its final name, and FILE.part.json, which says what it is the beginning of, so
// that a transfer goes on where it was cut, and never with bytes of another file. One process has it at a time.
//
// FileErrors: another process has it, the disk is full, …
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace cuunet {

// What a server said of the whole file.
struct PartOrigin {
  std::string url;
  std::string validator;  // its ETag or date; "" when it gave none
  int64_t length = 0;     // bytes; 0: it did not say
};

class PartFile {
 public:
  // Opens what is there, or begins an empty one. Its folder is made.
  explicit PartFile(std::filesystem::path target);
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  int64_t size() const { return size_; }
  const PartOrigin& origin() const { return origin_; }  // empty when that is not known
  void begin(const PartOrigin& origin);                 // empty again, as the beginning of this
  void append(std::span<const std::byte> bytes);
  void finish();   // the bytes are on the disk, then it has its final name
  void discard();  // nothing is left of it

 private:
  [[noreturn]] void fail(const char* action, int error) const;
  void read_origin();

  std::filesystem::path target_, path_, record_;
  PartOrigin origin_;
  int descriptor_ = -1;
  int64_t size_ = 0;
};

}  // namespace cuunet
