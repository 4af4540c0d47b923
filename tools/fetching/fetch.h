// Public weights into the cache folder, from their addresses, another address, or a file. What is there afterwards is
// whole and has the SHA-256 that was published, or nothing is there.
#pragma once

#include "tools/fetching/public_weights.h"

#include <chrono>
#include <functional>

namespace cuunet {

struct FetchOptions {
  std::string from;    // an address or a file instead of the weights' own addresses
  bool force = false;  // get it again if it is there
  std::function<void(int64_t have, int64_t of)> progress = [](int64_t, int64_t) {};
  std::function<void(std::chrono::seconds, const std::string& why)> wait;  // empty: sleeps
};

struct Fetched {
  std::filesystem::path file;
  int64_t bytes = 0;
  std::string source;  // an address or a file; "" when it was there already
};

// FileErrors: a file that is there already, or `from`, is another one; the disk is full. HttpFailure: no address gave
// it; each with its reason, and what to do.
Fetched fetch(const PublicWeights& weights, const FetchOptions& options = {});

}  // namespace cuunet
