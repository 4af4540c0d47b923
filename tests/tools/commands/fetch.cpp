// The command as a user runs it.
#include "tests/checks/process.h"
#include "tests/tools/fetching/cache_scope.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

struct Told {
  int code;
  std::string out, err;
};

// In the environment of this process, with its cache folder.
Told told(const std::vector<std::string>& arguments, rlim_t largest_file = RLIM_INFINITY) {
  TemporaryFolder folder("fetch_output");
  Process process(folder.path, arguments, largest_file);
  int code = process.wait();
  CHECK(std::ranges::count(process.err(), '\n') <= 1);
  return {code, process.out(), process.err()};
}

}  // namespace

TEST_CASE("fetch: wrong usage is a line") {
  CacheScope cache;
  struct Row {
    std::vector<std::string> arguments;
    std::string line;
  };
  for (const Row& row : {
           Row{{"fetch"}, "fetch needs a NAME; `cuunet fetch --list` shows those there are"},
           Row{{"fetch", "resnet35"}, "no weights are called 'resnet35', did you mean 'resnet34'?"},
           Row{{"fetch", "resnet18", "no such thing at all"},
               "no weights are called 'no such thing at all'; `cuunet fetch --list` shows those there are"},
           Row{{"fetch", "resnet18", "resnet34", "--from", "x"}, "--from is one file, 2 names were given"},
           Row{{"fetch", "resnet18", "--from", "https://a b/"},
               "https://a b/: holds a blank or a control character; expected https://HOST[:PORT]/PATH"},
       }) {
    Told said = told(row.arguments);
    CHECK(said.code == 2);
    CHECK(said.err == "cuunet: error: " + row.line + "\n");
  }
  CHECK(fs::is_empty(cache.folder.path));
}

TEST_CASE("fetch: the list says what is there") {
  CacheScope cache;
  write_bytes(cache.folder.path / "resnet18-f37072fd.pth", "x");
  auto listed = nlohmann::json::parse(told({"fetch", "--list", "--json"}).out);
  REQUIRE(listed.size() >= 10);
  for (const auto& one : listed) CHECK(one.at("there") == (one.at("name") == "resnet18"));
  CHECK(told({"fetch", "--list"}).out.ends_with("kept in " + cache.folder.path.string() + "\n"));
}

TEST_CASE("fetch: a full disk is named when a file is copied, nothing is left") {
  CacheScope cache;
  fs::path large = cache.folder.path / "large";
  write_bytes(large, std::string(5000, 'x'));
  Told said = told({"fetch", "resnet18", "--from", large.string()}, 1000);
  CHECK(said.code == 1);
  CHECK(said.err == "cuunet: error: " + (cache.folder.path / "resnet18-f37072fd.pth.part").string() +
                        ": cannot write it: File too large; make room and fetch it again\n");
  CHECK(std::distance(fs::directory_iterator(cache.folder.path), {}) == 1);
}

TEST_CASE("train and colorize: weights by name that were not fetched say how they are") {
  CacheScope cache;
  std::string folder = cache.folder.path.string();
  CHECK(told({"colorize", "x.png", "--model", "stable", "--out", folder + "/out"}).err ==
        "cuunet: error: deoldify-stable is not here yet: `cuunet fetch deoldify-stable` gets it, or put "
        "ColorizeStable_gen.pth into " +
            folder + "\n");
  for (const char* option : {"--encoder", "--init"}) {
    CHECK(
        told({"train", "scenes:1:4", "--out", folder + "/run", option, "resnet34"}).err ==
        "cuunet: error: resnet34 is not here yet: `cuunet fetch resnet34` gets it, or put resnet34-b627a593.pth into " +
            folder + "\n");
  }
  CHECK(fs::is_empty(cache.folder.path));
}

}  // namespace cuunet
