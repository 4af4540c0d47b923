#include "engine/io/mapped_file.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

// kB of a mapping that are in memory, by the kernel's list of this process's mappings.
int64_t resident(const MappedFile& file) {
  std::ifstream list("/proc/self/smaps");
  std::string begin = fmt::format("{:x}-", reinterpret_cast<uintptr_t>(file.bytes().data())), line;
  while (std::getline(list, line) && !line.starts_with(begin)) {
  }
  while (std::getline(list, line)) {
    if (line.starts_with("Rss:")) return std::stoll(line.substr(4));
  }
  return -1;
}

TEST_CASE("a mapped file's pages are given back and read again") {
  fs::path path = fs::temp_directory_path() / fmt::format("cuunet_mapped_file_{}", getpid());
  constexpr size_t bytes = 1 << 20;
  std::ofstream(path) << std::string(bytes, 'x');
  MappedFile file(path);
  fs::remove(path);
  auto all_there = [&] { return std::count(file.bytes().begin(), file.bytes().end(), std::byte{'x'}) == bytes; };
  CHECK(all_there());
  CHECK(resident(file) == bytes / 1024);
  file.release(file.bytes().subspan(100, bytes / 2));  // the pages at its ends stay
  CHECK(resident(file) <= 520);
  CHECK(resident(file) >= 512);
  file.release(file.bytes());
  CHECK(resident(file) == 0);
  CHECK(all_there());
  std::string elsewhere(100'000, 'y');
  file.release(std::as_bytes(std::span(elsewhere)));
  CHECK(elsewhere == std::string(100'000, 'y'));
}

TEST_CASE("a file that is read ahead may be moved, read and closed meanwhile") {
  fs::path path = fs::temp_directory_path() / fmt::format("cuunet_read_ahead_{}", getpid());
  constexpr size_t bytes = (9 << 20) + 5;
  std::ofstream(path) << std::string(bytes, 'x');
  for (int round = 0; round < 20; ++round) {
    MappedFile file(path);
    file.read_ahead();
    MappedFile moved = std::move(file);
    if (round % 2 == 0) CHECK(std::count(moved.bytes().begin(), moved.bytes().end(), std::byte{'x'}) == bytes);
    moved.release(moved.bytes());
  }
  fs::remove(path);
}

}  // namespace
}  // namespace cuunet
