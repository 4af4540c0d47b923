#include "tools/fetching/fetch.h"

#include "engine/io/mapped_file.h"
#include "kernels/device/error.h"
#include "tools/fetching/download.h"
#include "tools/fetching/http.h"
#include "tools/fetching/sha256.h"

#include <algorithm>
#include <thread>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

// "" when a file has the published hash, else what it has.
std::string other_hash(const fs::path& file, const PublicWeights& weights) {
  std::string found = sha256_of(file);
  if (found == weights.sha256) return "";
  return fmt::format("its SHA-256 is {}, expected {}", found, weights.sha256);
}

void require_intact(const PublicWeights& weights, const fs::path& file) {
  std::string other = other_hash(file, weights);
  if (other.empty()) return;
  throw FileError("{}: {}; remove it, or get it again with --force", file.string(), other);
}

void copy(const fs::path& from, PartFile& part, const FetchOptions& options) {
  MappedFile file(from);
  part.begin({});
  auto bytes = file.bytes();
  constexpr size_t piece = size_t{8} << 20;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    part.append(bytes.subspan(at, std::min(piece, bytes.size() - at)));
    options.progress(part.size(), static_cast<int64_t>(bytes.size()));
  }
}

// A whole part becomes the file when its hash is right, else it goes.
void accept(const std::string& source, PartFile& part, const PublicWeights& weights) {
  std::string other = other_hash(part.path(), weights);
  if (other.empty()) return part.finish();
  part.discard();
  throw HttpFailure(fmt::format("{}: {}: not the published file, nothing was kept", source, other), false);
}

void sleep(std::chrono::seconds time, const std::string&) { std::this_thread::sleep_for(time); }

void from_address(const std::string& url, const PublicWeights& weights, const FetchOptions& options) {
  PartFile part(kept_at(weights));
  download({url, weights.bytes, options.progress, options.wait ? options.wait : sleep}, part);
  accept(url, part, weights);
}

void from_file(const fs::path& file, const PublicWeights& weights, const FetchOptions& options) {
  PartFile part(kept_at(weights));
  try {
    copy(file, part, options);
  } catch (...) {
    part.discard();
    throw;
  }
  accept(file.string(), part, weights);
}

// The first address that gives it.
std::string from_addresses(const std::vector<std::string>& urls, const PublicWeights& weights,
                           const FetchOptions& options) {
  if (!http_obstacle().empty()) {
    throw Error("{}: {}; get {} by other means and give it with --from FILE", weights.name, http_obstacle(),
                urls.front());
  }
  std::string reasons;
  for (const std::string& url : urls) {
    try {
      from_address(url, weights, options);
      return url;
    } catch (const HttpFailure& failure) {
      reasons += (reasons.empty() ? "" : "; ") + std::string(failure.what());
    }
  }
  throw HttpFailure(
      fmt::format("{}: {}; or get {} by other means and give it with --from FILE", weights.name, reasons, weights.file),
      false);
}

}  // namespace

Fetched fetch(const PublicWeights& weights, const FetchOptions& options) {
  fs::path target = kept_at(weights);
  Fetched fetched{target, 0, ""};
  if (fs::exists(target) && !options.force) {
    require_intact(weights, target);
  } else if (options.from.empty() || is_url(options.from)) {
    if (!options.from.empty()) parse_url(options.from);
    fetched.source = from_addresses(options.from.empty() ? weights.urls : std::vector{options.from}, weights, options);
  } else {
    from_file(options.from, weights, options);
    fetched.source = options.from;
  }
  fetched.bytes = static_cast<int64_t>(fs::file_size(target));
  return fetched;
}

}  // namespace cuunet
