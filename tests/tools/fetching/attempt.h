// A file of weights that was never published, and fetching it.
#pragma once

#include "kernels/device/error.h"
#include "tests/tools/fetching/cache_scope.h"
#include "tools/fetching/fetch.h"
#include "tools/fetching/sha256.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace cuunet {

inline std::string content_of(size_t bytes, int seed = 1) {
  std::string content;
  for (size_t i = 0; i < bytes; ++i) content += static_cast<char>(i * i * 31 + i * static_cast<size_t>(seed));
  return content;
}

inline PublicWeights weights_of(const std::string& content, const std::vector<std::string>& urls) {
  Sha256 sum;
  sum.add(std::as_bytes(std::span(content)));
  return {"toy", "", "toy.pth", static_cast<int64_t>(content.size()), sum.hex(), urls};
}

// A fetch that does not sleep.
struct Attempt {
  CacheScope cache;
  std::vector<int64_t> waits;
  FetchOptions options{
      .wait = [this](std::chrono::seconds time, const std::string&) { waits.push_back(time.count()); }};

  std::filesystem::path file() const { return cache.folder.path / "toy.pth"; }
  // What it fails with; "" when it does not.
  std::string fails(const PublicWeights& weights) {
    try {
      fetch(weights, options);
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  }
  void require_nothing() const { CHECK(std::filesystem::is_empty(cache.folder.path)); }
  void require_whole(const std::string& content) const {
    CHECK(read_bytes(file()) == content);
    CHECK(std::distance(std::filesystem::directory_iterator(cache.folder.path), {}) == 1);  // no part, no record
  }
};

inline const std::string content = content_of(200'000);
inline const char* remedy = "; or get toy.pth by other means and give it with --from FILE";

}  // namespace cuunet
