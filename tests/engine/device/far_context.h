// The host executor with memory that only kernels, uploads and downloads can reach, as on a GPU: host code that touches
// it dies of a segmentation fault. An upload ahead lands at the last moment, when it is joined.
#pragma once

#include "engine/device/arena.h"
#include "kernels/device/context.h"

#include <sys/mman.h>

#include <cstring>
#include <map>
#include <vector>

namespace cuunet {

class FarContext final : public Context, private LaunchWatch {
 public:
  FarContext() : Context(Device::simt, 1, widest_isa_of_this_cpu()), arena_(SIZE_MAX, {take_chunk, give_chunk}) {
    launch_watch = this;
  }
  ~FarContext() override { drop_states(); }

  void* allocate(size_t bytes) override { return arena_.allocate(bytes); }
  void release(void* pointer, size_t) override { arena_.release(pointer); }

  bool memory_is_host() const override { return false; }
  void upload(void* device, const void* host, size_t bytes) override {
    begin_launch();
    std::memcpy(device, host, bytes);
    end_launch();
  }
  void download(void* host, const void* device, size_t bytes) override {
    begin_launch();
    std::memcpy(host, device, bytes);
    end_launch();
  }
  void upload_ahead(void* device, const void* host, size_t bytes) override {
    const char* begin = static_cast<const char*>(host);
    ahead_.push_back({device, {begin, begin + bytes}});
  }
  void join_uploads() override {
    uploads_joined += static_cast<int64_t>(ahead_.size());
    for (const Ahead& one : ahead_) upload(one.device, one.bytes.data(), one.bytes.size());
    ahead_.clear();
  }
  MemoryUse memory() const override { return {arena_.in_use(), arena_.peak(), arena_.left()}; }

  int64_t uploads_joined = 0;  // how many there have been

 private:
  struct Ahead {
    void* device;
    std::vector<char> bytes;
  };

  void begin_launch() override { protect(PROT_READ | PROT_WRITE); }
  void end_launch() override { protect(PROT_NONE); }

  static std::map<void*, size_t>& chunks() {
    static std::map<void*, size_t> all;
    return all;
  }
  static void* take_chunk(size_t bytes) {
    void* chunk = host_chunks.take(bytes);  // in huge pages: few to open and close
    if (chunk == nullptr) return nullptr;
    mprotect(chunk, bytes, PROT_NONE);
    chunks()[chunk] = bytes;
    return chunk;
  }
  static void give_chunk(void* chunk) {
    mprotect(chunk, chunks()[chunk], PROT_READ | PROT_WRITE);
    chunks().erase(chunk);
    host_chunks.give(chunk);
  }
  static void protect(int access) {
    for (const auto& [chunk, bytes] : chunks()) mprotect(chunk, bytes, access);
  }

  Arena arena_;
  std::vector<Ahead> ahead_;
};

}  // namespace cuunet
