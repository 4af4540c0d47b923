// Memory for tensors, taken from the system or a GPU in large chunks and kept. A step that repeats the requests of the
// step before it is served from what that one gave back, so after the first step nothing is asked of the system. Only
// where one more chunk is needed and those in which nothing lies make up its size, they are given back for it: maps
// that grow from layer to layer do not leave the smaller ones' chunks behind (the step after may then ask once more).
// Best fit with splitting and merging of neighbours; 64-byte alignment. Not for several threads at once.
#pragma once

#include "kernels/device/error.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace cuunet {

// Neither the limit nor the device has the bytes that are wanted.
class OutOfMemory : public Error {
 public:
  using Error::Error;
};

// Where an arena's chunks come from: take gives null when there is no more.
struct ChunkSource {
  void* (*take)(size_t bytes);
  void (*give)(void* chunk);
};
extern const ChunkSource host_chunks;

class Arena {
 public:
  explicit Arena(size_t limit_bytes = SIZE_MAX, const ChunkSource& source = host_chunks)
      : source_(source), limit_(limit_bytes) {}
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // OutOfMemory, with the bytes asked for, in use and held: the limit or the system says no, also after the chunks that
  // nobody uses were given back.
  void* allocate(size_t bytes);
  void release(void* pointer);

  size_t in_use() const { return in_use_; }
  size_t peak() const { return peak_; }
  size_t left() const { return limit_ == SIZE_MAX ? SIZE_MAX : limit_ - in_use_; }  // until the limit; SIZE_MAX: none
  size_t reserved() const { return reserved_; }                                     // bytes held from the system
  int64_t system_allocations() const { return system_allocations_; }                // how often the system was asked

 private:
  struct Block {
    size_t size;
    bool free;
    bool first_of_chunk;
  };
  using BlockAt = std::map<char*, Block>::iterator;
  BlockAt grow(size_t bytes);
  void* take_chunk(size_t size);
  std::vector<BlockAt> unused_chunks();
  void give_unused_chunks(size_t at_least);  // none where they are less
  void forget_free(BlockAt block) { free_.erase({block->second.size, block->first}); }

  std::map<char*, Block> blocks_;            // all blocks by address
  std::set<std::pair<size_t, char*>> free_;  // the free ones by size
  std::vector<void*> chunks_;
  ChunkSource source_;
  size_t limit_, in_use_ = 0, peak_ = 0, reserved_ = 0;
  int64_t system_allocations_ = 0;
};

}  // namespace cuunet
