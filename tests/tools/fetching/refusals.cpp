// Servers that give something else, send elsewhere, or are not there.
#include "tests/tools/fetching/attempt.h"
#include "tests/tools/fetching/loopback_server.h"

#include <doctest/doctest.h>

namespace cuunet {

namespace fs = std::filesystem;

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
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY"}) unsetenv(name);
  std::string closed;
  {
    LoopbackServer server([](const LoopbackRequest&) { return std::string(); });
    closed = server.url("/");
  }
  Attempt attempt;
  CHECK(attempt.fails(weights_of(content, {closed})) ==
        "toy: " + closed + ": 127.0.0.1 cannot be reached, see whether there is a network (tried 5 times)" + remedy);
  CHECK(attempt.waits == std::vector<int64_t>{1, 2, 4, 8});
  CHECK(attempt.fails(weights_of(content, {"http://nowhere.invalid/"})) ==
        std::string("toy: http://nowhere.invalid/: nowhere.invalid has no address, see whether there is a network") +
            remedy);
  setenv("https_proxy", "http://proxy.example:3128", 1);
  CHECK(attempt.fails(weights_of(content, {"http://nowhere.invalid/"})) ==
        std::string("toy: http://nowhere.invalid/: nowhere.invalid has no address (not by the proxy that https_proxy "
                    "names: none is used), see whether there is a network") +
            remedy);
  unsetenv("https_proxy");
  attempt.require_nothing();
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
            " vouches for, see whether the clock is right and nothing is between" + remedy);
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
