#include "tools/fetching/download.h"

#include "tools/fetching/http.h"

#include <algorithm>
#include <charconv>
#include <cinttypes>
#include <cstdio>
#include <optional>

namespace cuunet {
namespace {

constexpr int most_tries = 20, most_idle_tries = 5;

std::optional<int64_t> number(const std::string& text) {
  int64_t value = 0;
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || failed != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

// "bytes 10-99/100"
struct ContentRange {
  int64_t first = -1, whole = -1;
};
ContentRange content_range(const std::string& field) {
  ContentRange range;
  int64_t last = 0;
  if (std::sscanf(field.c_str(), "bytes %" SCNd64 "-%" SCNd64 "/%" SCNd64, &range.first, &last, &range.whole) != 3) {
    return {};
  }
  return range;
}

// A weak ETag does not promise equal bytes.
std::string validator_of(const HttpHead& head) {
  std::string tag = head.field("etag");
  return !tag.empty() && !tag.starts_with("W/") ? tag : head.field("last-modified");
}

bool begun_here(const Transfer& transfer, const PartFile& part) { return part.origin().url == transfer.url; }

// One request for what is missing.
class Request {
 public:
  Request(const Transfer& transfer, PartFile& part) : transfer_(transfer), part_(part) {}

  // False: what was there did not fit what the server has now; it is gone, ask again.
  bool run() {
    offset_ = begun_here(transfer_, part_) ? part_.size() : 0;
    HttpGet get{.url = transfer_.url,
                .fields = {},
                .head = [this](const HttpHead& head) { return begin(head); },
                .take = [this](std::span<const std::byte> bytes) { take(bytes); }};
    if (offset_ > 0) {
      get.fields["Range"] = fmt::format("bytes={}-", offset_);
      if (!part_.origin().validator.empty()) get.fields["If-Range"] = part_.origin().validator;
    }
    http_get(get);
    return !anew_;
  }

 private:
  bool begin(const HttpHead& head) {
    if (head.status == 206 && offset_ > 0) return go_on(content_range(head.field("content-range")));
    if (head.status == 416 && offset_ > 0) return begin_anew();
    if (head.status == 200) return begin_whole(head);
    bool may_pass = head.status == 408 || head.status == 429 || head.status >= 500;
    throw HttpFailure(fmt::format("{}: the server answered {}{}", transfer_.url, head.status, meaning(head.status)),
                      may_pass);
  }

  bool begin_whole(const HttpHead& head) {
    int64_t length = number(head.field("content-length")).value_or(0);
    require_length(length);
    part_.begin({transfer_.url, validator_of(head), length});
    return true;
  }

  bool go_on(const ContentRange& range) {
    if (range.first != offset_ || (part_.origin().length != 0 && range.whole != part_.origin().length)) {
      return begin_anew();
    }
    return true;
  }

  bool begin_anew() {
    part_.begin({});
    anew_ = true;
    return false;
  }

  void require_length(int64_t length) const {
    if (transfer_.bytes == 0 || length == 0 || length == transfer_.bytes) return;
    throw HttpFailure(fmt::format("{}: is {} bytes long, expected {}: not the published file", transfer_.url, length,
                                  transfer_.bytes),
                      false);
  }

  void take(std::span<const std::byte> bytes) {
    auto more = static_cast<int64_t>(bytes.size());
    if (transfer_.bytes != 0 && part_.size() + more > transfer_.bytes) require_length(part_.size() + more);
    part_.append(bytes);
    transfer_.progress(part_.size(), transfer_.bytes != 0 ? transfer_.bytes : part_.origin().length);
  }

  static const char* meaning(int status) {
    if (status == 401 || status == 403) return " (not allowed)";
    if (status == 404 || status == 410) return " (not found)";
    return status >= 500 || status == 429 ? " (busy or broken)" : "";
  }

  const Transfer& transfer_;
  PartFile& part_;
  int64_t offset_ = 0;
  bool anew_ = false;
};

int64_t length_of(const Transfer& transfer, const PartFile& part) {
  return transfer.bytes != 0 ? transfer.bytes : part.origin().length;
}

bool whole(const Transfer& transfer, const PartFile& part) {
  int64_t length = length_of(transfer, part);
  return length != 0 && part.size() == length && begun_here(transfer, part);
}

}  // namespace

void download(const Transfer& transfer, PartFile& part) {
  int idle = 0;
  for (int tries = 1;; ++tries) {
    if (whole(transfer, part)) return;
    int64_t before = part.size();
    std::string why;
    try {
      bool answered = Request(transfer, part).run();
      if (answered && (whole(transfer, part) || length_of(transfer, part) == 0)) return;
      if (answered) why = fmt::format("{}: the answer was cut short", transfer.url);
    } catch (const HttpFailure& failure) {
      if (!failure.may_pass()) throw;
      why = failure.what();
    }
    idle = part.size() > before ? 0 : idle + 1;
    if (idle == most_idle_tries || tries == most_tries) {
      throw HttpFailure(fmt::format("{} (tried {} times)", why, tries), false);
    }
    if (!why.empty()) transfer.wait(std::chrono::seconds(1 << std::max(idle - 1, 0)), why);
  }
}

}  // namespace cuunet
