// GET over HTTP and HTTPS, streamed. cpp-httplib makes the connections, in http_exchange.cpp alone; a build without it
// says so when asked.
#pragma once

#include "kernels/device/error.h"

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>

namespace cuunet {

struct Url {
  bool tls = true;
  std::string host;
  int port = 443;
  std::string target;  // path and query, without the fragment
};

bool is_url(const std::string& text);    // begins with http:// or https://
Url parse_url(const std::string& text);  // UsageError
// What a Location field says, seen from the address that answered with it. HttpFailure: from https to http, or
// to what is no address.
std::string redirected(const std::string& url, const std::string& location);

struct HttpHead {
  int status = 0;
  std::map<std::string, std::string> fields;         // names in lower case
  std::string field(const std::string& name) const;  // "" when there is none
};

// A transfer that did not come to its end; the text says where and why, on one line.
class HttpFailure : public Error {
 public:
  HttpFailure(const std::string& text, bool may_pass) : Error(text), may_pass_(may_pass) {}
  bool may_pass() const { return may_pass_; }  // trying again may help

 private:
  bool may_pass_;
};

struct HttpGet {
  std::string url;
  std::map<std::string, std::string> fields;
  std::function<bool(const HttpHead&)> head;             // of the last answer; false: its body is not wanted
  std::function<void(std::span<const std::byte>)> take;  // the body, piece by piece
};

// Follows up to ten redirects. HttpFailure: no connection, no trust, too many redirects, an answer cut short. What
// `head` and `take` throw passes through.
void http_get(const HttpGet& get);

// One request and its answer, whatever its status.
void http_exchange(const HttpGet& get);

// "" when this build can, else why not.
std::string http_obstacle();

}  // namespace cuunet
