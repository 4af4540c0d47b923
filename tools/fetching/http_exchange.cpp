// The one file that sees cpp-httplib.
#include "tools/fetching/http.h"

#ifdef CUUNET_HTTPLIB

#include <httplib.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>

namespace cuunet {
namespace {

// Where distributions keep the certificates that browsers trust; what OpenSSL was built with may not be there when the
// program runs on another one.
std::string certificates() {
  const char* own = std::getenv("SSL_CERT_FILE");
  if (own != nullptr && *own != 0) return own;
  for (const char* file :
       {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem"}) {
    if (std::filesystem::exists(file)) return file;
  }
  return "";
}

std::string require_certificates(const std::string& url) {
  std::string file = certificates();
  if (!file.empty() && std::filesystem::exists(file)) return file;
  throw HttpFailure(
      fmt::format("{}: no certificates to check the server with{}; install ca-certificates, or name a file of them in "
                  "SSL_CERT_FILE",
                  url, file.empty() ? "" : " in " + file),
      false);
}

HttpHead head_of(const httplib::Response& response) {
  HttpHead head{response.status, {}};
  for (const auto& [name, value] : response.headers) {
    std::string lower = name;
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    head.fields.emplace(lower, value);
  }
  return head;
}

bool has_address(const std::string& host) {
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), nullptr, nullptr, &found) != 0) return false;
  freeaddrinfo(found);
  return true;
}

// Proxies are not spoken to: of cpp-httplib 0.11, a proxy that refuses a connection and closes it makes a deadlock.
std::string note_of_proxy() {
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != 0) return fmt::format(" (not by the proxy that {} names: none is used)", name);
  }
  return "";
}

HttpFailure failure_of(const std::string& url, const Url& parts, httplib::Error error) {
  using httplib::Error;
  switch (error) {
    case Error::Connection:
    case Error::ConnectionTimeout:
    case Error::BindIPAddress: {
      bool found = has_address(parts.host), refused = found && error == Error::Connection;
      const char* why = refused ? "cannot be reached" : found ? "does not answer" : "has no address";
      return {fmt::format("{}: {} {}{}, see whether there is a network", url, parts.host, why, note_of_proxy()),
              refused};
    }
    case Error::SSLConnection:
      return {fmt::format("{}: {} speaks no TLS that this program does", url, parts.host), true};
    case Error::SSLLoadingCerts: return {fmt::format("{}: holds no usable certificates", certificates()), false};
    case Error::SSLServerVerification:
      return {
          fmt::format("{}: the certificate of {} is not one that {} vouches for, see whether the clock is right and "
                      "nothing is between",
                      url, parts.host, certificates()),
          false};
    default: return {fmt::format("{}: the connection broke", url), true};
  }
}

}  // namespace

void http_exchange(const HttpGet& get) {
  std::signal(SIGPIPE, SIG_IGN);  // a connection that breaks is an error, not the end
  Url url = parse_url(get.url);
  httplib::Client client(fmt::format("{}://{}:{}", url.tls ? "https" : "http", url.host, url.port));
  if (url.tls) {
    client.set_ca_cert_path(require_certificates(get.url));
    client.enable_server_certificate_verification(true);
  }
  client.set_connection_timeout(30);
  client.set_read_timeout(60);
  client.set_url_encode(false);
  client.set_decompress(false);
  httplib::Headers fields{{"User-Agent", "cuunet"}, {"Accept-Encoding", "identity"}};
  for (const auto& [name, value] : get.fields) fields.emplace(name, value);
  std::exception_ptr thrown;  // not through the library
  bool wanted = true;
  auto guarded = [&](auto&& call) {
    try {
      return call();
    } catch (...) {
      thrown = std::current_exception();
      return false;
    }
  };
  httplib::Result result = client.Get(
      url.target, fields,
      [&](const httplib::Response& response) { return guarded([&] { return wanted = get.head(head_of(response)); }); },
      [&](const char* data, size_t bytes) {
        return guarded([&] {
          get.take(std::as_bytes(std::span(data, bytes)));
          return true;
        });
      });
  if (thrown) std::rethrow_exception(thrown);
  if (!result && wanted) throw failure_of(get.url, url, result.error());
}

std::string http_obstacle() { return ""; }

}  // namespace cuunet

#else

namespace cuunet {

std::string http_obstacle() { return "this build has no network (cpp-httplib was missing when it was built)"; }

void http_exchange(const HttpGet& get) { throw HttpFailure(get.url + ": " + http_obstacle(), false); }

}  // namespace cuunet

#endif
