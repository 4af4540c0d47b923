// The scheduler: the threads of the block that runs, which of them can go on, and what the others wait for.
#pragma once

#include "kernels/simt/executor.h"
#include "kernels/simt/fiber.h"
#include "kernels/simt/shared_memory.h"

#include <array>
#include <exception>
#include <string>
#include <vector>

namespace cuunet::simt {

constexpr int warp_size = 32;
constexpr int max_threads = 1024;
constexpr int max_warps = max_threads / warp_size;

// Copies that a thread has issued and not waited for.
class AsyncCopies {
 public:
  void issue(void* shared, const void* global, size_t bytes, size_t valid_bytes, Place place);
  void commit() { group_ends_.push_back(copies_.size()); }
  void wait(size_t groups_left);
  bool empty() const { return copies_.empty(); }
  Place first_place() const { return copies_.front().place; }
  void clear();

 private:
  struct Copy {
    void* shared;
    alignas(16) unsigned char bytes[16];
    unsigned count;
    Place place;
  };
  std::vector<Copy> copies_;
  std::vector<size_t> group_ends_;
};

enum class Wait : uint8_t { nothing, barrier, collective, returned };

struct Thread {
  uint3 index{};
  const Stack* stack = nullptr;  // none: not started
  void* stack_pointer = nullptr;
  Wait wait = Wait::nothing;
  const char* waits_in = "";  // __syncthreads or a collective, at place
  Place place{};
  AsyncCopies copies;
};

struct Collective {
  const char* name;
  Compute compute;
  Place place;
  uint32_t mask = 0;  // 0: none is open
  uint32_t arrived = 0;
};

struct Warp {
  uint32_t lanes = 0;  // that exist
  uint32_t ready = 0;
  uint32_t returned = 0;
  std::array<Collective, warp_size> open;
  std::array<void*, warp_size> arguments;
};

class Block {
 public:
  void begin_launch(const char* kernel, const LaunchConfig& config, void (*body)(const void*), const void* arguments);
  void run(uint3 index);

  void barrier(Place place);
  void collective(const char* name, uint32_t mask, Place place, void* argument, Compute compute);

  bool running() const { return current_ >= 0; }
  int current() const { return current_; }
  Thread& thread() { return threads_[static_cast<size_t>(current_)]; }
  SharedMemory& shared() { return shared_; }
  // Counters of the race checker: a conflict needs accesses between the same two barriers.
  uint64_t barrier_epoch() const { return barrier_epoch_; }
  uint64_t warp_epoch(int warp) const { return warp_epochs_[static_cast<size_t>(warp)]; }

  [[noreturn]] void fail(const std::string& text) const;
  uint64_t random();

 private:
  friend void worker();
  void work();
  void start(int thread);
  void returned(int thread);
  void suspend();
  int pick();
  int pick_lane(uint32_t ready);
  void become(int thread);
  void leave_to_main();
  void release_all();
  void order_warps();
  Warp& warp_of(int thread) { return warps_[static_cast<size_t>(thread / warp_size)]; }

  std::string waiting_threads() const;
  [[noreturn]] void fail_collective(const Collective& open, const char* name, uint32_t mask, Place place) const;

  const char* kernel_ = "";
  ThreadOrder order_ = ThreadOrder::forward;
  void (*body_)(const void*) = nullptr;
  const void* arguments_ = nullptr;
  int thread_count_ = 0, warp_count_ = 0;

  std::vector<Thread> threads_;
  std::array<Warp, max_warps> warps_;
  std::array<int, max_warps> warp_order_{};
  std::array<uint64_t, max_warps> warp_epochs_{};
  int current_ = -1, returned_ = 0, at_barrier_ = 0;
  Place barrier_place_{};
  uint64_t barrier_epoch_ = 1, random_state_ = 1;

  StackPool stacks_;
  const Stack* worker_stack_ = nullptr;  // of the loop that runs fresh threads now
  Stack main_stack_{};
  void* main_stack_pointer_ = nullptr;
  std::exception_ptr error_;
  SharedMemory shared_;
};

// The one executor of the process.
Block& the_block();

std::string text_of(const Place& place);

}  // namespace cuunet::simt
