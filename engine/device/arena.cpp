#include "engine/device/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>

namespace cuunet {
namespace {

constexpr size_t alignment = 64;
constexpr size_t small_chunk = size_t{32} << 20;  // requests below this share a chunk
constexpr size_t huge_page = size_t{2} << 20;

constexpr size_t round_to(size_t bytes, size_t multiple) { return (bytes + multiple - 1) / multiple * multiple; }
double mib(size_t bytes) { return static_cast<double>(bytes) / (1 << 20); }

void* take_host_chunk(size_t bytes) {
  void* chunk = std::aligned_alloc(huge_page, bytes);
  if (chunk != nullptr) madvise(chunk, bytes, MADV_HUGEPAGE);
  return chunk;
}

}  // namespace

const ChunkSource host_chunks{take_host_chunk, std::free};

Arena::~Arena() {
  for (void* chunk : chunks_) source_.give(chunk);
}

void* Arena::take_chunk(size_t size) { return reserved_ + size <= limit_ ? source_.take(size) : nullptr; }

std::vector<Arena::BlockAt> Arena::unused_chunks() {
  std::vector<BlockAt> found;
  for (auto block = blocks_.begin(); block != blocks_.end(); ++block) {
    auto next = std::next(block);
    bool whole = block->second.first_of_chunk && (next == blocks_.end() || next->second.first_of_chunk);
    if (whole && block->second.free) found.push_back(block);
  }
  return found;
}

void Arena::give_unused_chunks(size_t at_least) {
  std::vector<BlockAt> unused = unused_chunks();
  size_t bytes = 0;
  for (BlockAt block : unused) bytes += block->second.size;
  if (bytes < at_least) return;
  for (BlockAt block : unused) {
    forget_free(block);
    std::erase(chunks_, static_cast<void*>(block->first));
    source_.give(block->first);
    blocks_.erase(block);
  }
  reserved_ -= bytes;
}

Arena::BlockAt Arena::grow(size_t bytes) {
  size_t size = std::max(round_to(bytes, huge_page), small_chunk);
  give_unused_chunks(size);
  void* chunk = take_chunk(size);
  if (chunk == nullptr) {
    give_unused_chunks(0);  // of another size of pictures, it may be
    chunk = take_chunk(size);
  }
  if (chunk == nullptr) {
    throw OutOfMemory("out of memory: {:.1f} MiB more needed, {:.1f} MiB in use, {:.1f} MiB held", mib(bytes),
                      mib(in_use_), mib(reserved_));
  }
  chunks_.push_back(chunk);
  reserved_ += size;
  ++system_allocations_;
  auto block = blocks_.insert({static_cast<char*>(chunk), {size, true, true}}).first;
  free_.insert({size, block->first});
  return block;
}

void* Arena::allocate(size_t bytes) {
  size_t size = round_to(std::max<size_t>(bytes, 1), alignment);
  auto fit = free_.lower_bound({size, nullptr});
  auto block = fit != free_.end() ? blocks_.find(fit->second) : grow(size);
  forget_free(block);
  if (block->second.size > size) {
    auto rest = blocks_.insert({block->first + size, {block->second.size - size, true, false}}).first;
    free_.insert({rest->second.size, rest->first});
    block->second.size = size;
  }
  block->second.free = false;
  in_use_ += size;
  peak_ = std::max(peak_, in_use_);
  return block->first;
}

void Arena::release(void* pointer) {
  auto block = blocks_.find(static_cast<char*>(pointer));
  in_use_ -= block->second.size;
  block->second.free = true;
  auto next = std::next(block);
  if (next != blocks_.end() && next->second.free && !next->second.first_of_chunk) {
    forget_free(next);
    block->second.size += next->second.size;
    blocks_.erase(next);
  }
  if (!block->second.first_of_chunk) {
    auto previous = std::prev(block);
    if (previous->second.free) {
      forget_free(previous);
      previous->second.size += block->second.size;
      blocks_.erase(block);
      block = previous;
    }
  }
  free_.insert({block->second.size, block->first});
}

}  // namespace cuunet
