#include "tools/fetching/part_file.h"

#include "engine/io/atomic_file.h"
#include "kernels/device/error.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

namespace cuunet {

namespace fs = std::filesystem;
using nlohmann::json;

PartFile::PartFile(fs::path target)
    : target_(std::move(target)), path_(target_.string() + ".part"), record_(path_.string() + ".json") {
  make_folder(target_.has_parent_path() ? target_.parent_path() : fs::path("."));
  descriptor_ = open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail("cannot create it", errno);
  if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    close(descriptor_);
    descriptor_ = -1;
    throw FileError("{}: another cuunet is fetching it", path_.string());
  }
  struct stat status {};
  if (fstat(descriptor_, &status) != 0) fail("cannot look at it", errno);
  size_ = status.st_size;
  read_origin();
}

PartFile::~PartFile() {
  if (descriptor_ < 0) return;
  close(descriptor_);
  if (size_ == 0) {
    unlink(path_.c_str());
    unlink(record_.c_str());
  }
}

void PartFile::fail(const char* action, int error) const {
  const char* remedy = error == ENOSPC || error == EFBIG || error == EDQUOT ? "; make room and fetch it again" : "";
  throw FileError("{}: {}: {}{}", path_.string(), action, std::strerror(error), remedy);
}

// A record that cannot be understood is none.
void PartFile::read_origin() {
  std::ifstream stream(record_);
  json record = json::parse(stream, nullptr, false);
  try {
    origin_ = {record.at("url"), record.at("validator"), record.at("length")};
  } catch (const json::exception&) {
    origin_ = {};
  }
}

void PartFile::begin(const PartOrigin& origin) {
  if (ftruncate(descriptor_, 0) != 0) fail("cannot empty it", errno);
  size_ = 0;
  origin_ = origin;
  std::string text =
      json{{"url", origin.url}, {"validator", origin.validator}, {"length", origin.length}}.dump(1) + "\n";
  write_file(record_, std::as_bytes(std::span(text)), Existing::replace);
}

void PartFile::append(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("cannot write it", errno);
    size_ += written;
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
}

void PartFile::finish() {
  if (fsync(descriptor_) != 0 && errno != EINVAL) fail("cannot write it to the disk", errno);
  if (rename(path_.c_str(), target_.c_str()) != 0) fail("cannot give it its name", errno);
  sync_folder(target_.parent_path());
  unlink(record_.c_str());
  close(descriptor_);
  descriptor_ = -1;
}

void PartFile::discard() {
  unlink(path_.c_str());
  unlink(record_.c_str());
  close(descriptor_);
  descriptor_ = -1;
}

}  // namespace cuunet
