#include "kernels/simt/shared_memory.h"

#include "kernels/device/error.h"
#include "kernels/device/view.h"
#include "kernels/simt/sanitizer.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>

namespace cuunet::simt {
namespace {

constexpr size_t page = 4096;
constexpr size_t redzone = 256;
constexpr int poison = 0xFF;
// The slots with their redzones, then the dynamic part with one in front.
constexpr size_t static_bytes = 64 * 1024;
constexpr size_t arena_bytes = static_bytes + 232 * 1024;

}  // namespace

SharedMemory::SharedMemory() {
  void* memory = mmap(nullptr, arena_bytes + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw Error("simt: the system gives no memory for {} bytes of shared memory", arena_bytes);
  arena_ = static_cast<char*>(memory);
  dynamic_end_ = arena_ + arena_bytes;
  mprotect(dynamic_end_, page, PROT_NONE);
  begin_launch(0);
}

SharedMemory::~SharedMemory() {
  allow_access(arena_, arena_bytes);
  munmap(arena_, arena_bytes + page);
}

void SharedMemory::begin_launch(size_t dynamic_bytes) {
  slots_.clear();
  used_ = arena_ + redzone;
  dynamic_bytes_ = dynamic_bytes;
  dynamic_ = dynamic_end_ - round_up(static_cast<int64_t>(dynamic_bytes), 16);
  allow_access(arena_, arena_bytes);
  std::memset(arena_, poison, redzone);
  std::memset(dynamic_ - redzone, poison, redzone);
  forbid_access(arena_, static_cast<size_t>(dynamic_ - arena_));
}

void SharedMemory::begin_block() {
  for (const Slot& slot : slots_) std::memset(slot.begin, poison, slot.bytes);
  std::memset(dynamic_, poison, static_cast<size_t>(dynamic_end_ - dynamic_));
}

void SharedMemory::end_block() const {
#ifndef CUUNET_ADDRESS_SANITIZER  // it has seen the write itself
  check_redzone(arena_, arena_ + redzone, "before the first struct");
  for (const Slot& slot : slots_) {
    check_redzone(slot.begin + slot.bytes, slot.begin + slot.bytes + redzone, "after a struct");
  }
  check_redzone(dynamic_ - redzone, dynamic_, "before the dynamic part");
#endif
}

void SharedMemory::check_redzone(const char* begin, const char* end, const char* where) {
  const char* touched = std::find_if(begin, end, [](char c) { return static_cast<unsigned char>(c) != poison; });
  if (touched != end) {
    throw Error("shared memory was written outside of its bounds, {}, byte {} of the redzone", where, touched - begin);
  }
}

void* SharedMemory::slot(const void* key, size_t bytes, size_t alignment) {
  for (const Slot& slot : slots_) {
    if (slot.key == key) return slot.begin;
  }
  size_t offset = static_cast<size_t>(round_up(used_ - arena_, static_cast<int64_t>(std::max<size_t>(alignment, 16))));
  size_t in_use = bytes;
  for (const Slot& slot : slots_) in_use += slot.bytes;
  if (in_use > static_limit || offset + bytes + redzone > static_bytes) {
    throw Error("{} bytes of static shared memory asked for, a kernel may have {}", in_use, static_limit);
  }
  char* begin = arena_ + offset;
  slots_.push_back({key, begin, bytes});
  used_ = begin + bytes + redzone;
  allow_access(begin, bytes + redzone);
  std::memset(begin, poison, bytes + redzone);
  forbid_access(begin + bytes, redzone);
  return begin;
}

bool SharedMemory::contains(const void* address, size_t bytes) const {
  const char* begin = static_cast<const char*>(address);
  auto within = [&](const char* first, size_t size) { return begin >= first && begin + bytes <= first + size; };
  return within(dynamic_, dynamic_bytes_) ||
         std::any_of(slots_.begin(), slots_.end(), [&](const Slot& s) { return within(s.begin, s.bytes); });
}

}  // namespace cuunet::simt
