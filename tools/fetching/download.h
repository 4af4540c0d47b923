// One address into a PartFile, going on where an earlier transfer was cut.
//
// A part goes on only with the file it began with: the same address, and the server's ETag or date (If-Range) and
// length still those of the beginning; else it begins anew. A connection that breaks, a server that is busy (408, 429,
// 5xx) and a cut answer are tried again after 1, 2, 4 and 8 seconds, up to five times without a byte of progress and
// twenty times in all.
#pragma once

#include "tools/fetching/part_file.h"

#include <chrono>
#include <functional>

namespace cuunet {

struct Transfer {
  std::string url;
  int64_t bytes = 0;                                                                 // of the whole file; 0: not known
  std::function<void(int64_t have, int64_t of)> progress = [](int64_t, int64_t) {};  // of: 0 when not known
  std::function<void(std::chrono::seconds, const std::string& why)> wait;            // before another try
};

// Then `part` is whole. HttpFailure: it did not come, or is of another length. What is there stays for another time.
void download(const Transfer& transfer, PartFile& part);

}  // namespace cuunet
