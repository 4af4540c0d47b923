#include "tests/tools/fetching/loopback_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <sstream>
#include <stdexcept>

namespace cuunet {
namespace {

void require(bool done, const char* what) {
  if (!done) throw std::runtime_error(what);
}

// Signed by itself, for the address 127.0.0.1.
ssl_ctx_st* self_signed(const std::filesystem::path& file) {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  require(context != nullptr && key != nullptr && certificate != nullptr, "no certificate");
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("127.0.0.1"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_EXTENSION* address = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
  X509_add_ext(certificate, address, -1);
  X509_EXTENSION_free(address);
  require(X509_sign(certificate, key, EVP_sha256()) > 0, "cannot sign");
  require(SSL_CTX_use_certificate(context, certificate) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1, "unused");
  std::FILE* out = std::fopen(file.c_str(), "w");
  require(out != nullptr && PEM_write_X509(out, certificate) == 1, "cannot write the certificate");
  std::fclose(out);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return context;
}

LoopbackRequest parse(const std::string& text) {
  std::istringstream lines(text);
  std::string method, line;
  LoopbackRequest request;
  lines >> method >> request.target;
  std::getline(lines, line);
  while (std::getline(lines, line) && line != "\r") {
    size_t colon = line.find(": ");
    std::string name = line.substr(0, colon);
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    request.fields[name] = line.substr(colon + 2, line.size() - colon - 3);
  }
  return request;
}

// All of a request's head; a GET has nothing else.
template <class Read>
std::string head_from(const Read& read) {
  std::string text;
  char piece[4096];
  while (text.find("\r\n\r\n") == std::string::npos) {
    auto bytes = read(piece, sizeof piece);
    if (bytes <= 0) return "";
    text.append(piece, static_cast<size_t>(bytes));
  }
  return text;
}

}  // namespace

LoopbackServer::LoopbackServer(Handler handler, const std::filesystem::path& certificate)
    : handler_(std::move(handler)) {
  std::signal(SIGPIPE, SIG_IGN);
  if (!certificate.empty()) tls_ = self_signed(certificate);
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  require(bind(listener_, reinterpret_cast<sockaddr*>(&address), length) == 0 && listen(listener_, 8) == 0 &&
              getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) == 0,
          "no socket");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

LoopbackServer::~LoopbackServer() {
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  close(listener_);
  SSL_CTX_free(tls_);
}

std::string LoopbackServer::url(const std::string& target) const {
  return fmt::format("{}://127.0.0.1:{}{}", tls_ != nullptr ? "https" : "http", port_, target);
}

std::vector<LoopbackRequest> LoopbackServer::requests() {
  std::lock_guard lock(mutex_);
  return requests_;
}

void LoopbackServer::serve() {
  for (;;) {
    int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    if (tls_ != nullptr) {
      answer_by_tls(connection);
    } else {
      answer(connection);
    }
    close(connection);
  }
}

std::string LoopbackServer::answer_to(const std::string& text) {
  LoopbackRequest request = parse(text);
  {
    std::lock_guard lock(mutex_);
    requests_.push_back(request);
  }
  return handler_(request);
}

void LoopbackServer::answer(int connection) {
  std::string request = head_from([&](char* to, size_t bytes) { return recv(connection, to, bytes, 0); });
  if (request.empty()) return;
  std::string text = answer_to(request);
  for (size_t sent = 0; sent < text.size();) {
    ssize_t bytes = send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (bytes <= 0) return;
    sent += static_cast<size_t>(bytes);
  }
}

void LoopbackServer::answer_by_tls(int connection) {
  SSL* tls = SSL_new(tls_);
  SSL_set_fd(tls, connection);
  if (SSL_accept(tls) == 1) {
    std::string request = head_from([&](char* to, size_t bytes) { return SSL_read(tls, to, static_cast<int>(bytes)); });
    std::string text = request.empty() ? "" : answer_to(request);
    if (!text.empty()) SSL_write(tls, text.data(), static_cast<int>(text.size()));
    SSL_shutdown(tls);
  }
  SSL_free(tls);
}

std::string http_answer(const std::string& status, const std::string& body, Fields fields) {
  fields.emplace("Content-Length", std::to_string(body.size()));
  std::string text = "HTTP/1.1 " + status + "\r\nConnection: close\r\n";
  for (const auto& [name, value] : fields) {
    if (!value.empty()) text += name + ": " + value + "\r\n";
  }
  return text + "\r\n" + body;
}

std::string ranged_answer(const LoopbackRequest& request, const std::string& content, const std::string& etag,
                          size_t most) {
  std::string range = request.field("range"), validator = request.field("if-range");
  size_t first = 0;
  if (!range.empty() && (validator.empty() || validator == etag)) first = std::stoul(range.substr(6));
  if (first >= content.size()) return http_answer("416 Range Not Satisfiable", "");
  Fields fields{{"ETag", etag}, {"Content-Length", std::to_string(content.size() - first)}};
  if (first > 0) fields["Content-Range"] = fmt::format("bytes {}-{}/{}", first, content.size() - 1, content.size());
  return http_answer(first > 0 ? "206 Partial Content" : "200 OK", content.substr(first, most), fields);
}

}  // namespace cuunet
