#include "engine/io/mapped_file.h"

#include "kernels/device/error.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>

namespace cuunet {

namespace {

struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0) close(number);
  }
};

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& path) {
  // O_NONBLOCK: opening a named pipe must not wait for its writer.
  Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.number < 0) throw FileError("{}: cannot open it: {}", path.string(), std::strerror(errno));
  struct stat status;
  if (fstat(file.number, &status) != 0) throw FileError("{}: cannot read it: {}", path.string(), std::strerror(errno));
  if (S_ISDIR(status.st_mode)) throw FileError("{}: is a folder; expected a file", path.string());
  if (!S_ISREG(status.st_mode)) throw FileError("{}: is not an ordinary file", path.string());
  auto size = static_cast<size_t>(status.st_size);
  if (size == 0) return;
  void* data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number, 0);
  if (data == MAP_FAILED) throw FileError("{}: cannot map it: {}", path.string(), std::strerror(errno));
  madvise(data, size, MADV_SEQUENTIAL);  // fault by fault, the disk then reads further ahead
  bytes_ = {static_cast<const std::byte*>(data), size};
}

MappedFile::~MappedFile() {
  ahead_ = {};  // stops and waits
  if (!bytes_.empty()) munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

// By touching pages, not by MADV_WILLNEED: that fills the page cache with single pages, which took half as long again.
void MappedFile::read_ahead() {
  static constexpr size_t page = 4096, step = 1 << 20;
  if (bytes_.size() <= step) return;
  ahead_ = std::jthread([bytes = bytes_](const std::stop_token& stop) {
    const volatile std::byte* data = bytes.data();
    static_cast<void>(data[bytes.size() - 1]);
    for (size_t at = 0; at < bytes.size() && (at % step != 0 || !stop.stop_requested()); at += page) {
      static_cast<void>(data[at]);
    }
  });
}

void MappedFile::release(std::span<const std::byte> part) const {
  auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  auto address = [](const std::byte* at) { return reinterpret_cast<uintptr_t>(at); };
  uintptr_t begin = std::max(address(part.data()), address(bytes_.data()));
  uintptr_t end = std::min(address(part.data() + part.size()), address(bytes_.data() + bytes_.size()));
  begin = (begin + page - 1) / page * page;
  end = end / page * page;
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

}  // namespace cuunet
