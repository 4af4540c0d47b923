#include "engine/io/atomic_file.h"

#include "kernels/device/error.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

namespace cuunet {

namespace fs = std::filesystem;

namespace {

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

fs::path temporary_beside(const fs::path& path) {
  static std::atomic<int> count{0};
  return folder_of(path) / fmt::format(".{}.{}-{}.part", path.filename().string(), getpid(), count++);
}

}  // namespace

void sync_folder(const fs::path& folder) {
  int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;  // the rename has happened; some file systems cannot sync a folder
  fsync(descriptor);
  close(descriptor);
}

void refuse_existing(const fs::path& path, Existing existing) {
  if (existing == Existing::replace) return;
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(path, ignored))) {
    throw FileError("{}: exists already and is left as it is; choose another name, or ask to replace it (--force)",
                    path.string());
  }
}

AtomicFile::AtomicFile(fs::path path, Existing existing) : path_(std::move(path)), existing_(existing) {
  refuse_existing(path_, existing_);
  if (fs::is_directory(path_)) throw FileError("{}: is a folder; expected the name of a file", path_.string());
  temporary_ = temporary_beside(path_);
  descriptor_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail("cannot create it", errno);
}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  close(descriptor_);
  unlink(temporary_.c_str());
}

void AtomicFile::fail(const char* action, int error) const {
  throw FileError("{}: {}: {}; nothing was changed in folder {}", path_.string(), action, std::strerror(error),
                  folder_of(path_).string());
}

void AtomicFile::write(const void* data, size_t bytes) {
  auto* next = static_cast<const char*>(data);
  while (bytes > 0) {
    ssize_t written = ::write(descriptor_, next, bytes);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("cannot write it", errno);
    next += written;
    bytes -= static_cast<size_t>(written);
  }
}

void AtomicFile::commit() {
  if (fsync(descriptor_) != 0 && errno != EINVAL) fail("cannot write it to the disk", errno);
  refuse_existing(path_, existing_);
  unsigned flags = existing_ == Existing::refuse ? RENAME_NOREPLACE : 0;
  int result = renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), flags);
  if (result != 0 && errno == EINVAL) result = rename(temporary_.c_str(), path_.c_str());
  if (result != 0) fail("cannot give it its name", errno);
  close(descriptor_);
  descriptor_ = -1;
  sync_folder(folder_of(path_));
}

void make_folder(const fs::path& folder) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) {
    throw FileError("{}: cannot create this folder: {}; choose another place", folder.string(), failed.message());
  }
  if (access(folder.empty() ? "." : folder.c_str(), W_OK | X_OK) != 0) {
    throw FileError("{}: cannot write into this folder: {}; choose another place", folder.string(),
                    std::strerror(errno));
  }
}

void write_file(const fs::path& path, std::span<const std::byte> bytes, Existing existing) {
  AtomicFile file(path, existing);
  file.write(bytes.data(), bytes.size());
  file.commit();
}

}  // namespace cuunet
