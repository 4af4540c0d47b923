// The photographs of a source, read once where memory allows, with an account of those that could not be read.
// All of it may be called from several threads at once.
#pragma once

#include "tools/data/photo_source.h"

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace cuunet {

class Photographs {
 public:
  struct Unreadable {
    std::string name, reason;  // the reason is the error's line, which begins with the path
  };
  // What is known so far: photographs are looked at when they are first loaded, or all of them by check().
  struct Account {
    int64_t count = 0, seen = 0;
    int64_t grey = 0;                    // every pixel has R = G = B: such a photograph teaches no colour
    std::vector<Unreadable> unreadable;  // in the order of the source
  };

  // Keeps decoded photographs, as read, until they fill cache_bytes; the rest are read anew each time.
  Photographs(std::shared_ptr<const PhotoSource> source, size_t cache_bytes);

  int64_t count() const { return static_cast<int64_t>(entries_.size()); }
  std::string name(int64_t i) const { return source_->name(i); }

  // Null when the photograph cannot be read; it is asked for once only.
  std::shared_ptr<const Image> load(int64_t i) const;

  // The first readable one of i, i + 1, …, around the end. FileError when none of them all can be read.
  std::shared_ptr<const Image> load_readable(int64_t i) const;

  // Loads every photograph once, on so many threads.
  void check(int threads) const;

  Account account() const;

 private:
  struct Entry {
    enum class State : uint8_t { unseen, readable, unreadable } state = State::unseen;
    bool grey = false;
    std::shared_ptr<const Image> cached;
    std::string reason;
  };

  std::shared_ptr<const PhotoSource> source_;
  size_t cache_bytes_;
  mutable std::mutex mutex_;
  mutable std::vector<Entry> entries_;
  mutable size_t cached_bytes_ = 0;
};

// "12 of 1176 photographs cannot be read and are left out: a.jpg, b.png, … (first: <reason>)", and the grey ones;
// empty when there is nothing to tell.
std::string summary_of(const Photographs::Account& account);

}  // namespace cuunet
