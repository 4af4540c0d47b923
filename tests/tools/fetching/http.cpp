#include "tools/fetching/http.h"

#include <doctest/doctest.h>

namespace cuunet {

TEST_CASE("http: addresses apart") {
  struct Row {
    const char* text;
    bool tls;
    const char* host;
    int port;
    const char* target;
  };
  for (const Row& row :
       {Row{"https://a.org/b/c?d=1#e", true, "a.org", 443, "/b/c?d=1"},
        Row{"http://a.org:8080", false, "a.org", 8080, "/"}, Row{"https://a.org?x", true, "a.org", 443, "/?x"}}) {
    CAPTURE(row.text);
    Url url = parse_url(row.text);
    CHECK(url.tls == row.tls);
    CHECK(url.host == row.host);
    CHECK(url.port == row.port);
    CHECK(url.target == row.target);
  }
  for (const char* text : {"ftp://a.org/b", "https://", "https:///b", "https://a.org:0/", "https://a.org:70000/",
                           "https://a.org:b/", "https://me@a.org/", "https://a.org/b c", "https://a.org/\r\nb"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_url(text), UsageError);
  }
}

TEST_CASE("http: where a redirect leads") {
  CHECK(redirected("https://a.org/b/c?x", "https://d.org/e") == "https://d.org/e");
  CHECK(redirected("https://a.org/b/c?x", "//d.org/e") == "https://d.org/e");
  CHECK(redirected("https://a.org/b/c?x", "/e") == "https://a.org/e");
  CHECK(redirected("https://a.org/b/c?x/y", "e") == "https://a.org/b/e");
  CHECK(redirected("https://a.org", "e") == "https://a.org/e");
  CHECK(redirected("http://a.org/b", "https://a.org/b") == "https://a.org/b");
  CHECK_THROWS_AS(redirected("https://a.org/b", ""), HttpFailure);
  CHECK_THROWS_AS(redirected("https://a.org/b", "http://a.org/b"), HttpFailure);
  CHECK_THROWS_WITH_AS(redirected("https://a.org/b", "/\x1b[2J"), "https://a.org/b: redirects to what is no address",
                       HttpFailure);
}

}  // namespace cuunet
