// The shared memory of the one block that runs. Everything reads as 0xFF (NaN, -1) before it is written.
//
// Static part: one slot per struct, with redzones between; a write into a redzone is found when the block ends, and at
// once under AddressSanitizer. Dynamic part: ends at a page that may not be touched.
#pragma once

#include <cstddef>
#include <vector>

namespace cuunet::simt {

class SharedMemory {
 public:
  static constexpr size_t static_limit = 48 * 1024;    // of a kernel on every GPU since sm_20
  static constexpr size_t dynamic_limit = 227 * 1024;  // of a block on sm_90

  SharedMemory();
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  void begin_launch(size_t dynamic_bytes);  // at most dynamic_limit
  void begin_block();
  // Throws when something was written outside of the slots.
  void end_block() const;

  // The slot of the struct that `key` names, the same for every thread of the block.
  void* slot(const void* key, size_t bytes, size_t alignment);
  void* dynamic() const { return dynamic_; }
  size_t dynamic_bytes() const { return dynamic_bytes_; }

  // Whether [address, address + bytes) lies within one slot or the dynamic part.
  bool contains(const void* address, size_t bytes) const;
  // The arena and where an address lies in it, for the race checker.
  const char* begin() const { return arena_; }
  const char* end() const { return dynamic_end_; }

 private:
  struct Slot {
    const void* key;
    char* begin;
    size_t bytes;
  };
  static void check_redzone(const char* begin, const char* end, const char* where);

  char* arena_;
  char* dynamic_end_;
  char* used_;  // end of the last slot
  char* dynamic_;
  size_t dynamic_bytes_ = 0;
  std::vector<Slot> slots_;
};

}  // namespace cuunet::simt
