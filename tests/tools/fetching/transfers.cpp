// Servers that break off, and what is there already.
#include "tests/tools/fetching/attempt.h"
#include "tests/tools/fetching/loopback_server.h"

#include <doctest/doctest.h>

#include <atomic>

namespace cuunet {

namespace fs = std::filesystem;

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

}  // namespace cuunet
