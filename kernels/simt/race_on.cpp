// A shadow of shared memory: per byte the last write and the last reads, each with its thread and the barriers before
// it. Accesses are ordered by a __syncthreads between them, or by a __syncwarp between lanes of one warp.
#include "kernels/device/error.h"
#include "kernels/simt/block.h"
#include "kernels/simt/race.h"

#include <unistd.h>

#include <cstdio>
#include <memory>

namespace cuunet::simt {
namespace {

// Where an access came from: a line that is known, or an address of code.
struct Source {
  Place place;
  void* code;
};

struct Access {
  int thread = -1;
  uint64_t barrier_epoch = 0, warp_epoch = 0;
  Source source{};
};

struct Byte {
  Access write, first_read, other_read;  // two readers, so that one of them is not the writer
};

struct Shadow {
  const char *begin = nullptr, *end = nullptr;
  std::unique_ptr<Byte[]> bytes;
  std::string race;
};

// Hooks run before any constructor of ours might have: a plain pointer tells whether there is something to do.
constinit Shadow* shadow = nullptr;

// "file.cu:12" of an address of this program, by addr2line where it is installed.
std::string line_of(void* code) {
  extern const char program_begin asm("__executable_start");
  uintptr_t offset = reinterpret_cast<uintptr_t>(code) - reinterpret_cast<uintptr_t>(&program_begin) - 1;
  std::string command = fmt::format("addr2line -s -e /proc/{}/exe {:#x} 2>/dev/null", getpid(), offset), line;
  if (FILE* pipe = popen(command.c_str(), "r")) {
    char text[256];
    if (fgets(text, sizeof text, pipe) != nullptr) line = text;
    pclose(pipe);
  }
  line = line.substr(0, line.find_first_of("\n ("));
  return line.empty() || line[0] == '?' ? fmt::format("{}", code) : line;
}

std::string text_of(const Source& source) {
  return source.place.file != nullptr ? text_of(source.place) : line_of(source.code);
}

bool conflict(const Access& before, const Access& now) {
  if (before.thread < 0 || before.thread == now.thread || before.barrier_epoch != now.barrier_epoch) return false;
  return before.thread / warp_size != now.thread / warp_size || before.warp_epoch == now.warp_epoch;
}

void report(const Access& before, bool before_wrote, const Access& now, bool now_writes) {
  if (!shadow->race.empty()) return;
  shadow->race = fmt::format("race in shared memory: thread {} {} at {}, thread {} {} at {}, no barrier between",
                             before.thread, before_wrote ? "writes" : "reads", text_of(before.source), now.thread,
                             now_writes ? "writes" : "reads", text_of(now.source));
}

void note(const void* address, size_t bytes, bool write, const Source& source) {
  const char* p = static_cast<const char*>(address);
  if (shadow == nullptr || p < shadow->begin || p >= shadow->end || !the_block().running()) return;
  Block& block = the_block();
  int thread = block.current();
  Access now{thread, block.barrier_epoch(), block.warp_epoch(thread / warp_size), source};
  for (size_t i = 0; i < bytes && p + i < shadow->end; ++i) {
    Byte& byte = shadow->bytes[static_cast<size_t>(p + i - shadow->begin)];
    if (conflict(byte.write, now)) report(byte.write, true, now, write);
    if (!write) {
      if (byte.first_read.thread != thread) byte.other_read = byte.first_read;
      byte.first_read = now;
      continue;
    }
    if (conflict(byte.first_read, now)) report(byte.first_read, false, now, true);
    if (conflict(byte.other_read, now)) report(byte.other_read, false, now, true);
    byte.write = now;
  }
}

}  // namespace

void note_access(const void* address, size_t bytes, bool write, Place place) {
  note(address, bytes, write, {place, nullptr});
}

void race_begin_block() {
  if (shadow != nullptr) {  // epochs grow from block to block, so old accesses conflict with nothing
    shadow->race.clear();   // of a block that ended by an error
    return;
  }
  static Shadow memory;
  const SharedMemory& shared = the_block().shared();
  memory.begin = shared.begin();
  memory.end = shared.end();
  memory.bytes = std::make_unique<Byte[]>(static_cast<size_t>(memory.end - memory.begin));
  shadow = &memory;
}

void race_end_block() {
  if (shadow->race.empty()) return;
  std::string race = std::move(shadow->race);
  shadow->race.clear();
  the_block().fail(race);
}

}  // namespace cuunet::simt

// What -fsanitize=thread calls. They may not throw.
#define CUUNET_HOOK(name, bytes, write)                                           \
  extern "C" void __tsan_##name(void* address) noexcept {                         \
    cuunet::simt::note(address, bytes, write, {{}, __builtin_return_address(0)}); \
  }
#define CUUNET_HOOKS(bytes)                       \
  CUUNET_HOOK(read##bytes, bytes, false)          \
  CUUNET_HOOK(write##bytes, bytes, true)          \
  CUUNET_HOOK(volatile_read##bytes, bytes, false) \
  CUUNET_HOOK(volatile_write##bytes, bytes, true)
#define CUUNET_UNALIGNED_HOOKS(bytes)              \
  CUUNET_HOOK(unaligned_read##bytes, bytes, false) \
  CUUNET_HOOK(unaligned_write##bytes, bytes, true)
CUUNET_HOOKS(1)
CUUNET_HOOKS(2)
CUUNET_HOOKS(4)
CUUNET_HOOKS(8)
CUUNET_HOOKS(16)
CUUNET_UNALIGNED_HOOKS(2)
CUUNET_UNALIGNED_HOOKS(4)
CUUNET_UNALIGNED_HOOKS(8)
CUUNET_UNALIGNED_HOOKS(16)

extern "C" {
void __tsan_read_range(void* address, size_t bytes) noexcept {
  cuunet::simt::note(address, bytes, false, {{}, __builtin_return_address(0)});
}
void __tsan_write_range(void* address, size_t bytes) noexcept {
  cuunet::simt::note(address, bytes, true, {{}, __builtin_return_address(0)});
}
void __tsan_init() noexcept {}
void __tsan_func_entry(void*) noexcept {}
void __tsan_func_exit() noexcept {}
void __tsan_vptr_update(void*, void*) noexcept {}
void __tsan_vptr_read(void*) noexcept {}
// Guards of function-local statics.
unsigned char __tsan_atomic8_load(const volatile unsigned char* address, int) noexcept {
  return __atomic_load_n(address, __ATOMIC_SEQ_CST);
}
int __tsan_atomic32_fetch_add(volatile int* address, int value, int) noexcept {
  return __atomic_fetch_add(address, value, __ATOMIC_SEQ_CST);
}
}
