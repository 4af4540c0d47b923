#include "kernels/simt/block.h"

#include "kernels/device/error.h"
#include "kernels/simt/race.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace cuunet::simt {

uint3 thread_index{}, block_index{};
dim3 block_size, grid_size;

void worker() {
  Stack from;
  arrive_on_fresh_stack(&from);
  Block& block = the_block();
  if (block.current_ < 0) block.main_stack_ = from;
  block.work();
}

Block& the_block() {
  static Block block;
  return block;
}

uint64_t Block::random() {  // xorshift64
  random_state_ ^= random_state_ << 13;
  random_state_ ^= random_state_ >> 7;
  random_state_ ^= random_state_ << 17;
  return random_state_;
}

void Block::begin_launch(const char* kernel, const LaunchConfig& config, void (*body)(const void*),
                         const void* arguments) {
  kernel_ = kernel;
  order_ = config.stream.order;
  body_ = body;
  arguments_ = arguments;
  thread_count_ = static_cast<int>(config.block.count());
  warp_count_ = (thread_count_ + warp_size - 1) / warp_size;
  random_state_ = 0x9E3779B97F4A7C15u;
  block_size = config.block;
  grid_size = config.grid;
  threads_.resize(max_threads);
  for (int t = 0; t < thread_count_; ++t) {
    unsigned i = static_cast<unsigned>(t), x = config.block.x, y = config.block.y;
    threads_[static_cast<size_t>(t)].index = {i % x, i / x % y, i / x / y};
  }
  shared_.begin_launch(config.shared);
}

// Runs the block's threads; returns when all have, or throws the first mistake.
void Block::run(uint3 index) {
  block_index = index;
  for (int t = 0; t < thread_count_; ++t) {
    Thread& thread = threads_[static_cast<size_t>(t)];
    thread.stack = nullptr;
    thread.wait = Wait::nothing;
    thread.copies.clear();
  }
  for (int w = 0; w < warp_count_; ++w) {
    int lanes = std::min(warp_size, thread_count_ - w * warp_size);
    Warp& warp = warps_[static_cast<size_t>(w)];
    warp.lanes = warp.ready = lanes == warp_size ? ~0u : (1u << lanes) - 1;
    warp.returned = 0;
    for (Collective& open : warp.open) open.mask = 0;
  }
  current_ = -1;
  returned_ = at_barrier_ = 0;
  error_ = nullptr;
  stacks_.reset();
  shared_.begin_block();
  order_warps();
  ++barrier_epoch_;
  race_begin_block();
  worker_stack_ = stacks_.take();
  switch_stack(&main_stack_pointer_, fresh_stack_pointer(*worker_stack_, worker), *worker_stack_, false);
  current_ = -1;
  if (error_) std::rethrow_exception(error_);
  race_end_block();
}

// The loop of a stack: runs threads that have not started until one of them waits (this stack is then that thread's),
// or until a thread that waited can go on (this stack is then free).
void Block::work() {
  for (;;) {
    int next = pick();
    if (next < 0) {
      if (returned_ < thread_count_ && !error_) {
        try {
          fail("waits for ever: " + waiting_threads());
        } catch (...) {
          error_ = std::current_exception();
        }
      }
      leave_to_main();
    }
    Thread& thread = threads_[static_cast<size_t>(next)];
    if (thread.stack != nullptr) {
      stacks_.give(worker_stack_);
      current_ = next;
      void* abandoned;
      switch_stack(&abandoned, thread.stack_pointer, *thread.stack, true);
    }
    start(next);
    if (error_) leave_to_main();
  }
}

void Block::start(int thread) {
  threads_[static_cast<size_t>(thread)].stack = worker_stack_;
  become(thread);
  try {
    body_(arguments_);
    returned(current_);
  } catch (...) {
    error_ = std::current_exception();
  }
  // The thread may have been suspended and resumed in between, but always on this stack.
  worker_stack_ = threads_[static_cast<size_t>(thread)].stack;
}

void Block::leave_to_main() {
  void* abandoned;
  switch_stack(&abandoned, main_stack_pointer_, main_stack_, true);
}

void Block::returned(int thread) {
  Thread& me = threads_[static_cast<size_t>(thread)];
  if (!me.copies.empty()) {
    fail("returns with asynchronous copies in flight, the first from " + text_of(me.copies.first_place()));
  }
  Warp& warp = warp_of(thread);
  uint32_t bit = 1u << (thread % warp_size);
  me.wait = Wait::returned;
  warp.ready &= ~bit;
  warp.returned |= bit;
  ++returned_;
  if (at_barrier_ > 0) fail("returns while others wait: " + waiting_threads());
  for (const Collective& open : warp.open) {
    if (open.mask & bit) fail("returns while others wait: " + waiting_threads());
  }
}

void Block::become(int thread) {
  current_ = thread;
  thread_index = threads_[static_cast<size_t>(thread)].index;
}

// Lets others run until this thread is ready again.
void Block::suspend() {
  int me = current_, next = pick();
  if (next == me) return;
  if (next < 0) fail("waits for ever: " + waiting_threads());
  Thread& mine = threads_[static_cast<size_t>(me)];
  Thread& other = threads_[static_cast<size_t>(next)];
  if (other.stack == nullptr) {
    worker_stack_ = stacks_.take();
    switch_stack(&mine.stack_pointer, fresh_stack_pointer(*worker_stack_, worker), *worker_stack_, false);
  } else {
    current_ = next;
    switch_stack(&mine.stack_pointer, other.stack_pointer, *other.stack, false);
  }
  become(me);
  mine.wait = Wait::nothing;
}

void Block::order_warps() {
  std::iota(warp_order_.begin(), warp_order_.begin() + warp_count_, 0);
  if (order_ == ThreadOrder::reverse) std::reverse(warp_order_.begin(), warp_order_.begin() + warp_count_);
  if (order_ != ThreadOrder::shuffled) return;
  for (int i = warp_count_ - 1; i > 0; --i) {
    std::swap(warp_order_[static_cast<size_t>(i)], warp_order_[random() % static_cast<size_t>(i + 1)]);
  }
}

int Block::pick_lane(uint32_t ready) {
  if (order_ == ThreadOrder::forward) return std::countr_zero(ready);
  if (order_ == ThreadOrder::reverse) return 31 - std::countl_zero(ready);
  int start = static_cast<int>(random() % warp_size);
  return (std::countr_zero(std::rotr(ready, start)) + start) % warp_size;
}

// The first warp in the order that can run does, and so runs as far ahead of the others as it can.
int Block::pick() {
  for (int i = 0; i < warp_count_; ++i) {
    int w = warp_order_[static_cast<size_t>(i)];
    uint32_t ready = warps_[static_cast<size_t>(w)].ready;
    if (ready != 0) return w * warp_size + pick_lane(ready);
  }
  return -1;
}

void Block::release_all() {
  at_barrier_ = 0;
  ++barrier_epoch_;
  for (int t = 0; t < thread_count_; ++t) threads_[static_cast<size_t>(t)].wait = Wait::nothing;
  for (int w = 0; w < warp_count_; ++w) warps_[static_cast<size_t>(w)].ready = warps_[static_cast<size_t>(w)].lanes;
  if (order_ == ThreadOrder::shuffled) order_warps();
}

void Block::barrier(Place place) {
  Thread& me = thread();
  me.waits_in = "__syncthreads";
  me.place = place;
  me.wait = Wait::barrier;
  if (returned_ > 0) fail("comes to a barrier that not all threads reach: " + waiting_threads());
  if (at_barrier_ == 0) barrier_place_ = place;
  if (place != barrier_place_) fail("waits at another barrier than others: " + waiting_threads());
  warp_of(current_).ready &= ~(1u << (current_ % warp_size));
  if (++at_barrier_ == thread_count_) release_all();
  suspend();
}

}  // namespace cuunet::simt
