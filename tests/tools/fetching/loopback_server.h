// A web server on 127.0.0.1 that answers with the very bytes a test gives it, then closes the connection: every way in
// which a server can be wrong.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

struct ssl_ctx_st;

namespace cuunet {

using Fields = std::map<std::string, std::string>;

struct LoopbackRequest {
  std::string target;
  Fields fields;  // names in lower case
  std::string field(const std::string& name) const {
    auto found = fields.find(name);
    return found == fields.end() ? "" : found->second;
  }
};

class LoopbackServer {
 public:
  using Handler = std::function<std::string(const LoopbackRequest&)>;

  // With `certificate` it speaks TLS, with a certificate of its own for 127.0.0.1, written into that file.
  explicit LoopbackServer(Handler handler, const std::filesystem::path& certificate = {});
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  std::string url(const std::string& target) const;
  std::vector<LoopbackRequest> requests();  // so far

 private:
  void serve();
  void answer(int connection);
  void answer_by_tls(int connection);
  std::string answer_to(const std::string& request);

  Handler handler_;
  ssl_ctx_st* tls_ = nullptr;
  int listener_ = -1, port_ = 0;
  std::mutex mutex_;
  std::vector<LoopbackRequest> requests_;
  std::thread thread_;
};

// "HTTP/1.1 200 OK", fields and the body; Content-Length is the body's unless given, "" leaves it out.
std::string http_answer(const std::string& status, const std::string& body, Fields fields = {});

// The content, or what the request's Range asks of it when its If-Range is the ETag; at most `most` bytes of it, as
// when the connection breaks.
std::string ranged_answer(const LoopbackRequest& request, const std::string& content, const std::string& etag,
                          size_t most = std::string::npos);

}  // namespace cuunet
