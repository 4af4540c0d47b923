// Fetching from a server on loopback, and every way in which that goes wrong.
#include "tools/fetching/fetch.h"

#include "kernels/device/error.h"
#include "tests/checks/process.h"
#include "tests/tools/fetching/cache_scope.h"
#include "tests/tools/fetching/loopback_server.h"
#include "tools/fetching/http.h"
#include "tools/fetching/part_file.h"
#include "tools/fetching/sha256.h"

#include <doctest/doctest.h>

#include <atomic>
#include <optional>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

std::string content_of(size_t bytes, int seed = 1) {
  std::string content;
  for (size_t i = 0; i < bytes; ++i) content += static_cast<char>(i * i * 31 + i * static_cast<size_t>(seed));
  return content;
}

PublicWeights weights_of(const std::string& content, const std::vector<std::string>& urls) {
  Sha256 sum;
  sum.add(std::as_bytes(std::span(content)));
  return {"toy", "", "toy.pth", static_cast<int64_t>(content.size()), sum.hex(), urls};
}

// A fetch that does not sleep.
struct Attempt {
  CacheScope cache;
  std::vector<int64_t> waits;
  FetchOptions options{
      .wait = [this](std::chrono::seconds time, const std::string&) { waits.push_back(time.count()); }};

  fs::path file() const { return cache.folder.path / "toy.pth"; }
  // What it fails with; "" when it does not.
  std::string fails(const PublicWeights& weights) {
    try {
      fetch(weights, options);
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  }
  void require_nothing() const { CHECK(fs::is_empty(cache.folder.path)); }
  void require_whole(const std::string& content) const {
    CHECK(read_bytes(file()) == content);
    CHECK(std::distance(fs::directory_iterator(cache.folder.path), {}) == 1);  // no part, no record
  }
};

const std::string content = content_of(200'000);
const char* remedy = "; or get toy.pth by other means and give it with --from FILE";

}  // namespace

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

TEST_CASE("fetch: a transfer that breaks again and again goes on where it was") {
  LoopbackServer server(
      [](const LoopbackRequest& request) { return ranged_answer(request, content, "\"one\"", 30'000); });
  Attempt attempt;
  CHECK(attempt.fails(weights_of(content, {server.url("/")})) == "");
  attempt.require_whole(content);
  std::vector<LoopbackRequest> requests = server.requests();
  REQUIRE(requests.size() == 7);
  CHECK(requests[1].field("range") == "bytes=30000-");
  CHECK(requests[1].field("if-range") == "\"one\"");
  CHECK(requests[6].field("range") == "bytes=180000-");
  CHECK(attempt.waits == std::vector<int64_t>(6, 1));
}

TEST_CASE("fetch: a server that gives no byte any more is left after five tries, what came is kept for another time") {
  std::atomic<int> answers = 1;
  LoopbackServer server([&](const LoopbackRequest& request) {
    return --answers < 0 ? std::string() : ranged_answer(request, content, "\"one\"", 50'000);
  });
  Attempt attempt;
  PublicWeights weights = weights_of(content, {server.url("/")});
  CHECK(attempt.fails(weights) == "toy: " + server.url("/") + ": the connection broke (tried 6 times)" + remedy);
  CHECK(attempt.waits == std::vector<int64_t>{1, 1, 2, 4, 8});
  CHECK(!fs::exists(attempt.file()));
  CHECK(fs::file_size(attempt.file().string() + ".part") == 50'000);

  answers = 3;
  CHECK(attempt.fails(weights) == "");
  attempt.require_whole(content);
  CHECK(server.requests()[6].field("range") == "bytes=50000-");
}

TEST_CASE("fetch: a busy server is asked again, an endless drip is not waited for") {
  std::atomic<int> count = 0;
  LoopbackServer busy([&](const LoopbackRequest&) {
    return ++count < 3 ? http_answer("503 Service Unavailable", "") : http_answer("200 OK", content);
  });
  Attempt attempt;
  CHECK(attempt.fails(weights_of(content, {busy.url("/")})) == "");
  CHECK(attempt.waits == std::vector<int64_t>{1, 2});

  LoopbackServer drip([](const LoopbackRequest& request) { return ranged_answer(request, content, "\"one\"", 10); });
  attempt.options.force = true;
  CHECK(attempt.fails(weights_of(content, {drip.url("/")})) ==
        "toy: " + drip.url("/") + ": the connection broke (tried 20 times)" + remedy);
  CHECK(drip.requests().size() == 20);
  CHECK(read_bytes(attempt.file()) == content);  // what was there before is still there
}

// What a server may do with the rest of a file of which 50000 bytes are there.
TEST_CASE("fetch: what is there is never joined with another file's bytes") {
  const std::string other = content_of(200'000, 2);
  struct Row {
    const char* what;
    std::function<std::string(const LoopbackRequest&)> answer;
    size_t requests;  // after the one that broke
  };
  for (const Row& row : {
           Row{"the file is another now", [&](auto& request) { return ranged_answer(request, other, "\"two\""); }, 1},
           Row{"ranges are ignored", [&](auto&) { return http_answer("200 OK", other); }, 1},
           Row{"the range begins elsewhere",
               [&](auto& request) {
                 if (request.field("range").empty()) return http_answer("200 OK", other);
                 return http_answer("206 Partial Content", other.substr(10),
                                    {{"Content-Range", "bytes 10-199999/200000"}});
               },
               2},
           Row{"the range is of a longer file",
               [&](auto& request) {
                 if (request.field("range").empty()) return http_answer("200 OK", other);
                 return http_answer("206 Partial Content", other.substr(50'000),
                                    {{"Content-Range", "bytes 50000-199999/300000"}});
               },
               2},
           Row{"the range is beyond the end",
               [&](auto& request) {
                 if (request.field("range").empty()) return http_answer("200 OK", other);
                 return http_answer("416 Range Not Satisfiable", "");
               },
               2},
           Row{"a range of nothing",
               [&](auto& request) {
                 if (request.field("range").empty()) return http_answer("200 OK", other);
                 return http_answer("206 Partial Content", other.substr(50'000));
               },
               2},
       }) {
    CAPTURE(row.what);
    std::atomic<bool> broke = false;
    LoopbackServer server([&](const LoopbackRequest& request) {
      return broke.exchange(true) ? row.answer(request) : ranged_answer(request, content, "\"one\"", 50'000);
    });
    Attempt attempt;
    CHECK(attempt.fails(weights_of(other, {server.url("/")})) == "");
    attempt.require_whole(other);
    CHECK(server.requests().size() == 1 + row.requests);
  }
}

TEST_CASE("fetch: a part of another address, or one that nothing is known of, is not gone on with") {
  LoopbackServer server([](const LoopbackRequest& request) { return ranged_answer(request, content, "\"one\""); });
  for (const char* record :
       {"", "{", R"({"url": 3})", R"({"url": "http://elsewhere/", "validator": "", "length": 9})"}) {
    Attempt attempt;
    write_bytes(attempt.file().string() + ".part", "something");
    if (*record != 0) write_bytes(attempt.file().string() + ".part.json", record);
    CHECK(attempt.fails(weights_of(content, {server.url("/")})) == "");
    attempt.require_whole(content);
    CHECK(server.requests().back().field("range") == "");
  }
}

TEST_CASE("fetch: wrong bytes of the right length leave nothing behind, and the next address is asked") {
  LoopbackServer wrong([](const LoopbackRequest&) { return http_answer("200 OK", content_of(200'000, 2)); });
  LoopbackServer right([](const LoopbackRequest&) { return http_answer("200 OK", content); });
  PublicWeights weights = weights_of(content, {wrong.url("/")});
  Attempt attempt;
  CHECK(attempt.fails(weights) == "toy: " + wrong.url("/") + ": its SHA-256 is " +
                                      weights_of(content_of(200'000, 2), {}).sha256 + ", expected " + weights.sha256 +
                                      ": not the published file, nothing was kept" + remedy);
  attempt.require_nothing();
  weights.urls.push_back(right.url("/"));
  CHECK(fetch(weights, attempt.options).source == right.url("/"));
  attempt.require_whole(content);
}

TEST_CASE("fetch: another length is refused before it is transferred, or as soon as it shows") {
  LoopbackServer longer([](const LoopbackRequest&) { return http_answer("200 OK", content + "and more"); });
  Attempt attempt;
  CHECK(attempt.fails(weights_of(content, {longer.url("/")})) ==
        "toy: " + longer.url("/") + ": is 200008 bytes long, expected 200000: not the published file" + remedy);
  attempt.require_nothing();

  LoopbackServer nameless([](const LoopbackRequest&) {
    return http_answer("200 OK", content + "and more", {{"Content-Length", ""}});
  });
  std::string failure = attempt.fails(weights_of(content, {nameless.url("/")}));
  CHECK(failure.find("expected 200000: not the published file") != std::string::npos);
  CHECK(!fs::exists(attempt.file()));

  // Without a length from anyone the hash decides.
  LoopbackServer good([](const LoopbackRequest&) { return http_answer("200 OK", content, {{"Content-Length", ""}}); });
  PublicWeights unknown = weights_of(content, {good.url("/")});
  unknown.bytes = 0;
  CHECK(attempt.fails(unknown) == "");
  attempt.require_whole(content);
}

TEST_CASE("fetch: addresses that are gone are named with what they said") {
  LoopbackServer server([](const LoopbackRequest& request) {
    return http_answer(request.target == "/a" ? "404 Not Found" : "403 Forbidden", "<html>");
  });
  Attempt attempt;
  CHECK(attempt.fails(weights_of(content, {server.url("/a"), server.url("/b")})) ==
        "toy: " + server.url("/a") + ": the server answered 404 (not found); " + server.url("/b") +
            ": the server answered 403 (not allowed)" + remedy);
  attempt.require_nothing();
  CHECK(attempt.waits.empty());
}

TEST_CASE("fetch: redirects are followed to other hosts, and not for ever") {
  LoopbackServer last(
      [](const LoopbackRequest& request) { return ranged_answer(request, content, "\"one\"", 90'000); });
  LoopbackServer first([&](const LoopbackRequest& request) {
    if (request.target == "/loop") return http_answer("302 Found", "", {{"Location", "loop"}});
    if (request.target == "/nowhere") return http_answer("302 Found", "");
    if (request.target == "/a/b") return http_answer("307 Temporary Redirect", "", {{"Location", last.url("/x?y=z")}});
    return http_answer("301 Moved Permanently", "moved", {{"Location", "../a/b"}});
  });
  Attempt attempt;
  CHECK(attempt.fails(weights_of(content, {first.url("/loop")})) ==
        "toy: " + first.url("/loop") + ": redirects more than 10 times" + remedy);
  CHECK(first.requests().size() == 11);
  CHECK(attempt.fails(weights_of(content, {first.url("/nowhere")})) ==
        "toy: " + first.url("/nowhere") + ": redirects to nowhere" + remedy);
  attempt.require_nothing();
  LoopbackServer start([&](const LoopbackRequest&) {
    return http_answer("301 Moved Permanently", "moved", {{"Location", first.url("/a/b")}});
  });
  CHECK(attempt.fails(weights_of(content, {start.url("/s")})) == "");
  attempt.require_whole(content);
  CHECK(last.requests().size() == 3);
  CHECK(last.requests()[1].target == "/x?y=z");
  CHECK(last.requests()[1].field("range") == "bytes=90000-");
}

TEST_CASE("fetch: no network is a line") {
  std::string closed;
  {
    LoopbackServer server([](const LoopbackRequest&) { return std::string(); });
    closed = server.url("/");
  }
  Attempt attempt;
  CHECK(attempt.fails(weights_of(content, {closed})) ==
        "toy: " + closed + ": 127.0.0.1 cannot be reached; is there a network? (tried 5 times)" + remedy);
  CHECK(attempt.waits == std::vector<int64_t>{1, 2, 4, 8});
  CHECK(attempt.fails(weights_of(content, {"http://nowhere.invalid/"})) ==
        std::string("toy: http://nowhere.invalid/: nowhere.invalid has no address; is there a network?") + remedy);
  attempt.require_nothing();
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

TEST_CASE("fetch: https only with a certificate that is vouched for, and never down to http") {
  Attempt attempt;
  TemporaryFolder folder("certificates");
  fs::path own = folder.path / "own.pem", others = folder.path / "others.pem";
  LoopbackServer plain([](const LoopbackRequest&) { return http_answer("200 OK", content); });
  LoopbackServer server(
      [&](const LoopbackRequest& request) {
        if (request.target == "/down") return http_answer("302 Found", "", {{"Location", plain.url("/")}});
        return ranged_answer(request, content, "\"one\"", 120'000);
      },
      own);
  LoopbackServer stranger([](const LoopbackRequest&) { return std::string(); }, others);
  auto trust = [](const fs::path& file) { setenv("SSL_CERT_FILE", file.c_str(), 1); };
  trust(others);
  CHECK(attempt.fails(weights_of(content, {server.url("/")})) ==
        "toy: " + server.url("/") + ": the certificate of 127.0.0.1 is not one that " + others.string() +
            " vouches for; is the clock right, is something between?" + remedy);
  trust(folder.path / "no.pem");
  CHECK(attempt.fails(weights_of(content, {server.url("/")})) ==
        "toy: " + server.url("/") + ": no certificates to check the server with in " +
            (folder.path / "no.pem").string() + "; install ca-certificates, or name a file of them in SSL_CERT_FILE" +
            remedy);
  CHECK(server.requests().empty());
  trust(own);
  CHECK(attempt.fails(weights_of(content, {server.url("/down")})) ==
        "toy: " + server.url("/down") + ": redirects from https to " + plain.url("/") +
            ", which anyone on the way could change" + remedy);
  CHECK(plain.requests().empty());
  attempt.require_nothing();
  CHECK(attempt.fails(weights_of(content, {server.url("/")})) == "");
  attempt.require_whole(content);
  unsetenv("SSL_CERT_FILE");
}

}  // namespace cuunet
