// Fetching from a server on loopback, and from a file.
#include "tests/checks/process.h"
#include "tests/tools/fetching/attempt.h"
#include "tests/tools/fetching/loopback_server.h"
#include "tools/fetching/part_file.h"

#include <doctest/doctest.h>

namespace cuunet {

namespace fs = std::filesystem;

TEST_CASE("fetch: a whole file, and not asked for again") {
  LoopbackServer server([](const LoopbackRequest&) { return http_answer("200 OK", content); });
  Attempt attempt;
  int64_t seen = 0;
  attempt.options.progress = [&](int64_t have, int64_t of) {
    CHECK(have > seen);
    CHECK(of == 200'000);
    seen = have;
  };
  PublicWeights weights = weights_of(content, {server.url("/a/toy.pth?dl=1")});
  Fetched fetched = fetch(weights, attempt.options);
  CHECK(fetched.file == attempt.file());
  CHECK(fetched.bytes == 200'000);
  CHECK(fetched.source == weights.urls[0]);
  CHECK(seen == 200'000);
  attempt.require_whole(content);
  CHECK(fetch(weights, attempt.options).source == "");
  REQUIRE(server.requests().size() == 1);
  CHECK(server.requests()[0].target == "/a/toy.pth?dl=1");
  CHECK(server.requests()[0].field("range") == "");
}

TEST_CASE("fetch: a full disk is named, and what came stays for another time") {
  LoopbackServer server([](const LoopbackRequest&) {
    return http_answer("200 OK", content, {{"Content-Length", "46830571"}});
  });
  CacheScope cache;
  TemporaryFolder folder("full_disk");
  fs::path part = cache.folder.path / "resnet18-f37072fd.pth.part";
  Process process(folder.path, {"fetch", "resnet18", "--from", server.url("/")}, 100'000);
  CHECK(process.wait() == 1);
  CHECK(process.err() ==
        "cuunet: error: " + part.string() + ": cannot write it: File too large; make room and fetch it again\n");
  CHECK(fs::file_size(part) == 100'000);
}

TEST_CASE("fetch: one process has a file at a time") {
  Attempt attempt;
  PartFile held(attempt.file());
  CHECK(attempt.fails(weights_of(content, {"http://127.0.0.1:1/"})) ==
        attempt.file().string() + ".part: another cuunet is fetching it");
}

TEST_CASE("fetch: from a file, checked as well; and what is there is not replaced unless asked") {
  Attempt attempt;
  TemporaryFolder folder("downloads");
  fs::path right = folder.path / "right.pth", wrong = folder.path / "wrong.pth";
  write_bytes(right, content);
  write_bytes(wrong, content_of(200'000, 2));
  PublicWeights weights = weights_of(content, {"http://127.0.0.1:1/"});
  attempt.options.from = (folder.path / "no.pth").string();
  CHECK(attempt.fails(weights) == attempt.options.from + ": cannot open it: No such file or directory");
  attempt.options.from = wrong.string();
  CHECK(attempt.fails(weights).starts_with(wrong.string() + ": its SHA-256 is "));
  attempt.require_nothing();
  attempt.options.from = right.string();
  CHECK(fetch(weights, attempt.options).source == right.string());
  attempt.require_whole(content);

  write_bytes(attempt.file(), "damaged");
  CHECK(attempt.fails(weights).starts_with(attempt.file().string() + ": its SHA-256 is "));
  CHECK(read_bytes(attempt.file()) == "damaged");
  attempt.options.force = true;
  CHECK(attempt.fails(weights) == "");
  attempt.require_whole(content);
}

}  // namespace cuunet
