// A file that appears whole or not at all: written beside its final name, synced, then renamed over it. Whatever
// stops the program in between, the old file is still there; the destructor removes what was not committed.
//
//   AtomicFile file(path, Existing::refuse);
//   file.write(data, bytes);
//   file.commit();
//
// FileError: the folder is missing, the file exists and may not be replaced, the disk is full, …
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

namespace cuunet {

// What to do with a file of that name that is there already.
enum class Existing { refuse, replace };

// The one line said when `path` exists and may not be replaced; callers that know early ask before they work.
void refuse_existing(const std::filesystem::path& path, Existing existing);

class AtomicFile {
 public:
  AtomicFile(std::filesystem::path path, Existing existing);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(const void* data, size_t bytes);
  void commit();

 private:
  [[noreturn]] void fail(const char* action, int error) const;

  std::filesystem::path path_, temporary_;
  Existing existing_;
  int descriptor_ = -1;
};

// Makes a folder, and those above it, where there is none, and sees that files can be made in it. FileError when not.
void make_folder(const std::filesystem::path& folder);

// After a file was renamed in it: the new name outlives a crash, where the file system can do that.
void sync_folder(const std::filesystem::path& folder);

void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes, Existing existing);

}  // namespace cuunet
