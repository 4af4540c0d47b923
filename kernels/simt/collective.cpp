#include "kernels/device/error.h"
#include "kernels/simt/block.h"

#include <algorithm>
#include <cstring>

namespace cuunet::simt {
namespace {

bool same_name(const char* a, const char* b) { return a == b || std::strcmp(a, b) == 0; }

bool same_state(const Thread& a, const Thread& b) {
  bool placed = a.wait == Wait::barrier || a.wait == Wait::collective;
  return a.wait == b.wait && (!placed || (same_name(a.waits_in, b.waits_in) && a.place == b.place));
}

}  // namespace

bool operator==(const Place& a, const Place& b) {
  return a.line == b.line && (a.file == b.file || std::strcmp(a.file, b.file) == 0);
}

std::string text_of(const Place& place) {
  const char* slash = std::strrchr(place.file, '/');
  return fmt::format("{}:{}", slash != nullptr ? slash + 1 : place.file, place.line);
}

// "threads 0-30 in __syncthreads at conv2d.cu:88, thread 31 returned", without those that are on the way.
std::string Block::waiting_threads() const {
  std::string text;
  for (int first = 0, last; first < thread_count_; first = last + 1) {
    const Thread& thread = threads_[static_cast<size_t>(first)];
    last = first;
    while (last + 1 < thread_count_ && same_state(thread, threads_[static_cast<size_t>(last + 1)])) ++last;
    if (thread.wait == Wait::nothing) continue;
    text += text.empty() ? "" : ", ";
    text += first == last ? fmt::format("thread {} ", first) : fmt::format("threads {}-{} ", first, last);
    bool gone = thread.wait == Wait::returned;
    text += gone ? "returned" : fmt::format("in {} at {}", thread.waits_in, text_of(thread.place));
  }
  return text;
}

void Block::fail(const std::string& text) const {
  std::string who = current_ >= 0 ? fmt::format("thread {} ", current_) : "";
  throw Error("simt: {}: block ({}, {}, {}): {}{}", kernel_, block_index.x, block_index.y, block_index.z, who, text);
}

void Block::fail_collective(const Collective& open, const char* name, uint32_t mask, Place place) const {
  fail(fmt::format(
      "calls {} with mask {:#010x} at {} while lanes {:#010x} of its warp wait in {} with mask {:#010x} at {}", name,
      mask, text_of(place), open.arrived, open.name, open.mask, text_of(open.place)));
}

void Block::collective(const char* name, uint32_t mask, Place place, void* argument, Compute compute) {
  Warp& warp = warp_of(current_);
  uint32_t bit = 1u << (current_ % warp_size);
  if (!(mask & bit))
    fail(fmt::format("calls {} with mask {:#010x}, which leaves it out, at {}", name, mask, text_of(place)));
  if (mask & ~warp.lanes) {
    fail(fmt::format("calls {} with mask {:#010x} at {}, but its warp has only lanes {:#010x}", name, mask,
                     text_of(place), warp.lanes));
  }
  if (mask & warp.returned) {
    fail(fmt::format("calls {} at {} with lanes {:#010x}, which returned", name, text_of(place), mask & warp.returned));
  }
  // Collectives of other masks may be open: their lanes come here when they are through.
  auto same_mask = [mask](const Collective& open) { return open.mask == mask; };
  auto closed = [](const Collective& open) { return open.mask == 0; };
  auto found = std::find_if(warp.open.begin(), warp.open.end(), same_mask);
  if (found == warp.open.end()) {
    found = std::find_if(warp.open.begin(), warp.open.end(), closed);
    *found = {name, compute, place, mask, 0};
  }
  Collective& mine = *found;
  if (!same_name(mine.name, name) || mine.compute != compute || mine.place != place)
    fail_collective(mine, name, mask, place);
  mine.arrived |= bit;
  warp.arguments[static_cast<size_t>(current_ % warp_size)] = argument;
  if (mine.arrived == mask) {
    compute(warp.arguments.data(), mask);
    mine.mask = 0;
    warp.ready |= mask;
    if (mask == warp.lanes && compute == compute_nothing) ++warp_epochs_[static_cast<size_t>(current_ / warp_size)];
    return;
  }
  Thread& me = thread();
  me.waits_in = name;
  me.place = place;
  me.wait = Wait::collective;
  warp.ready &= ~bit;
  suspend();
}

}  // namespace cuunet::simt
