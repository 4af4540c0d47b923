#include "engine/io/atomic_file.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "engine/io/mapped_file.h"
#include "kernels/device/error.h"

namespace cuunet {
namespace {

namespace fs = std::filesystem;

struct TemporaryFolder {
  fs::path path = fs::temp_directory_path() / fmt::format("cuunet_atomic_file_{}", getpid());
  TemporaryFolder() { fs::create_directories(path); }
  ~TemporaryFolder() { fs::remove_all(path); }
};

void write_text(const fs::path& path, const std::string& text, Existing existing) {
  write_file(path, std::as_bytes(std::span(text)), existing);
}

std::string text_of(const fs::path& path) {
  MappedFile file(path);
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

int64_t files_in(const fs::path& folder) { return std::distance(fs::directory_iterator(folder), {}); }

TEST_CASE("a file is written whole, replaced when asked, and otherwise refused") {
  TemporaryFolder folder;
  fs::path path = folder.path / "a.txt";
  write_text(path, "first", Existing::refuse);
  CHECK(text_of(path) == "first");
  CHECK_THROWS_WITH_AS(write_text(path, "second", Existing::refuse),
                       (path.string() + ": exists already and is left as it is; choose another name, or ask to replace "
                                        "it (--force)")
                           .c_str(),
                       FileError);
  CHECK(text_of(path) == "first");
  write_text(path, "third", Existing::replace);
  CHECK(text_of(path) == "third");
  write_text(folder.path / "empty", "", Existing::refuse);
  CHECK(text_of(folder.path / "empty").empty());
  CHECK(files_in(folder.path) == 2);
}

TEST_CASE("a file that was not committed leaves nothing and keeps the old one") {
  TemporaryFolder folder;
  fs::path path = folder.path / "a.txt";
  write_text(path, "old", Existing::refuse);
  {
    AtomicFile file(path, Existing::replace);
    file.write("new", 3);
    CHECK(files_in(folder.path) == 2);
  }
  CHECK(text_of(path) == "old");
  CHECK(files_in(folder.path) == 1);
}

TEST_CASE("a name that appears while the file is being written is not replaced") {
  TemporaryFolder folder;
  fs::path path = folder.path / "a.txt";
  AtomicFile file(path, Existing::refuse);
  file.write("mine", 4);
  write_text(path, "theirs", Existing::refuse);
  CHECK_THROWS_AS(file.commit(), FileError);
  CHECK(text_of(path) == "theirs");
}

TEST_CASE("a full disk, a missing folder and a folder in the way are one line each") {
  TemporaryFolder folder;
  fs::path path = folder.path / "a.txt";
  write_text(path, "old", Existing::refuse);

  // A limit on file sizes stands for the full disk: the write fails half way with an error of the system.
  rlimit limit;
  getrlimit(RLIMIT_FSIZE, &limit);
  auto previous = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small{4096, limit.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  std::string message;
  try {
    write_text(path, std::string(100000, 'x'), Existing::replace);
  } catch (const FileError& error) {
    message = error.what();
  }
  setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, previous);
  CHECK(message == fmt::format("{}: cannot write it: File too large; nothing was changed in folder {}", path.string(),
                               folder.path.string()));
  CHECK(text_of(path) == "old");
  CHECK(files_in(folder.path) == 1);

  fs::path nowhere = folder.path / "missing" / "a.txt";
  CHECK_THROWS_WITH_AS(write_text(nowhere, "x", Existing::refuse),
                       fmt::format("{}: cannot create it: No such file or directory; nothing was changed in folder {}",
                                   nowhere.string(), nowhere.parent_path().string())
                           .c_str(),
                       FileError);
  CHECK_THROWS_WITH_AS(write_text(folder.path, "x", Existing::replace),
                       (folder.path.string() + ": is a folder; expected the name of a file").c_str(), FileError);
}

TEST_CASE("a folder is made with those above it, or named with the reason") {
  TemporaryFolder folder;
  make_folder(folder.path / "a/b");
  make_folder(folder.path / "a/b");
  CHECK(fs::is_directory(folder.path / "a/b"));
  write_text(folder.path / "file", "", Existing::refuse);
  CHECK_THROWS_WITH_AS(
      make_folder(folder.path / "file"),
      ((folder.path / "file").string() + ": cannot create this folder: Not a directory; choose another place").c_str(),
      FileError);
}

TEST_CASE("what cannot be mapped is named") {
  TemporaryFolder folder;
  CHECK_THROWS_WITH_AS(MappedFile(folder.path / "no"),
                       ((folder.path / "no").string() + ": cannot open it: No such file or directory").c_str(),
                       FileError);
  CHECK_THROWS_WITH_AS(MappedFile(fs::path("/dev/null")), "/dev/null: is not an ordinary file", FileError);
}

}  // namespace
}  // namespace cuunet
