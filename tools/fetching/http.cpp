#include "tools/fetching/http.h"

#include <charconv>

namespace cuunet {
namespace {

constexpr int most_redirects = 10;

bool redirects(int status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }

std::string origin_of(const std::string& url) { return url.substr(0, url.find_first_of("/?#", url.find("://") + 3)); }

}  // namespace

bool is_url(const std::string& text) { return text.starts_with("http://") || text.starts_with("https://"); }

Url parse_url(const std::string& text) {
  auto refuse = [&](const char* why) { return UsageError("{}: {}; expected https://HOST[:PORT]/PATH", text, why); };
  if (!is_url(text)) throw refuse("is not an address of the web");
  for (char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f) throw refuse("holds a blank or a control character");
  }
  Url url{.tls = text.starts_with("https://"), .host = {}, .port = 0, .target = {}};
  std::string origin = origin_of(text), place = origin.substr(origin.find("://") + 3);
  if (place.find('@') != std::string::npos) throw refuse("holds a user's name");
  size_t colon = place.find(':');
  url.host = place.substr(0, colon);
  if (url.host.empty()) throw refuse("names no host");
  url.port = url.tls ? 443 : 80;
  if (colon != std::string::npos) {
    const char *first = place.data() + colon + 1, *end = place.data() + place.size();
    auto [last, failed] = std::from_chars(first, end, url.port);
    if (failed != std::errc() || last != end || url.port < 1 || url.port > 65535) throw refuse("has no usable port");
  }
  url.target = text.substr(origin.size(), text.find('#', origin.size()) - origin.size());
  if (!url.target.starts_with("/")) url.target.insert(0, 1, '/');
  return url;
}

std::string redirected(const std::string& url, const std::string& location) {
  std::string next;
  if (location.empty()) throw HttpFailure(fmt::format("{}: redirects to nowhere", url), false);
  if (is_url(location)) {
    next = location;
  } else if (location.starts_with("//")) {
    next = url.substr(0, url.find(':') + 1) + location;
  } else if (location.starts_with("/")) {
    next = origin_of(url) + location;
  } else {
    std::string path = url.substr(0, url.find_first_of("?#"));
    next = path.size() > origin_of(url).size() ? path.substr(0, path.rfind('/') + 1) + location : path + "/" + location;
  }
  try {
    parse_url(next);
  } catch (const UsageError&) {
    throw HttpFailure(fmt::format("{}: redirects to what is no address", url), false);
  }
  if (url.starts_with("https://") && !next.starts_with("https://")) {
    throw HttpFailure(fmt::format("{}: redirects from https to {}, which anyone on the way could change", url, next),
                      false);
  }
  return next;
}

std::string HttpHead::field(const std::string& name) const {
  auto found = fields.find(name);
  return found == fields.end() ? "" : found->second;
}

void http_get(const HttpGet& get) {
  HttpGet one = get;
  for (int i = 0; i <= most_redirects; ++i) {
    std::string location;
    bool elsewhere = false;
    one.head = [&](const HttpHead& head) {
      elsewhere = redirects(head.status);
      if (elsewhere) location = head.field("location");
      return !elsewhere && get.head(head);
    };
    http_exchange(one);
    if (!elsewhere) return;
    one.url = redirected(one.url, location);
  }
  throw HttpFailure(fmt::format("{}: redirects more than {} times", get.url, most_redirects), false);
}

}  // namespace cuunet
