#include "kernels/simt/block.h"

#include <algorithm>
#include <cstring>

namespace cuunet::simt {

void AsyncCopies::issue(void* shared, const void* global, size_t bytes, size_t valid_bytes, Place place) {
  Copy& copy = copies_.emplace_back();
  copy.shared = shared;
  copy.count = static_cast<unsigned>(bytes);
  copy.place = place;
  std::memset(copy.bytes, 0, sizeof copy.bytes);
  std::memcpy(copy.bytes, global, valid_bytes);
  std::memset(shared, 0xFF, bytes);
  note_access(shared, bytes, true, place);
}

// Completes all but the latest `groups_left` groups.
void AsyncCopies::wait(size_t groups_left) {
  if (group_ends_.size() <= groups_left) return;
  size_t groups = group_ends_.size() - groups_left, done = group_ends_[groups - 1];
  for (size_t i = 0; i < done; ++i) {
    note_access(copies_[i].shared, copies_[i].count, true, copies_[i].place);
    std::memcpy(copies_[i].shared, copies_[i].bytes, copies_[i].count);
  }
  copies_.erase(copies_.begin(), copies_.begin() + static_cast<ptrdiff_t>(done));
  group_ends_.erase(group_ends_.begin(), group_ends_.begin() + static_cast<ptrdiff_t>(groups));
  for (size_t& end : group_ends_) end -= done;
}

void AsyncCopies::clear() {
  copies_.clear();
  group_ends_.clear();
}

void async_copy(void* shared, const void* global, size_t bytes, size_t valid_bytes, Place place) {
  Block& block = the_block();
  require_shared("cp.async writes", shared, bytes, place);
  if (reinterpret_cast<uintptr_t>(shared) % bytes != 0)
    fail_at(place, "cp.async writes to a misaligned shared address");
  if (global == nullptr) fail_at(place, "cp.async reads from a null pointer; also a copy of no bytes needs an address");
  if (reinterpret_cast<uintptr_t>(global) % bytes != 0) fail_at(place, "cp.async reads from a misaligned address");
  if (valid_bytes > bytes) fail_at(place, "cp.async is asked for more valid bytes than it copies");
  block.thread().copies.issue(shared, global, bytes, valid_bytes, place);
}

void async_commit() { the_block().thread().copies.commit(); }
void async_wait(size_t groups_left) { the_block().thread().copies.wait(groups_left); }

}  // namespace cuunet::simt
