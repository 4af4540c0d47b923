// Runs a grid on the host: one block at a time, a fiber per thread on one OS thread, switching only at barriers and
// warp collectives. Harsher than a GPU on purpose: see barrier, collective, shared memory and asynchronous copies
// below. Every mistake it sees is an Error that names the kernel, the block, the threads and their lines.
#pragma once

#include "kernels/device/context.h"

#include <cstddef>
#include <cstdint>

namespace cuunet::simt {

struct uint3 {
  unsigned x, y, z;
};
struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
  constexpr size_t count() const { return size_t{x} * y * z; }
};

// A line of a kernel.
struct Place {
  const char* file = nullptr;
  int line = 0;
  static constexpr Place here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) { return {file, line}; }
};
bool operator==(const Place&, const Place&);

// What stands for a CUDA stream: work runs at once, the threads in this order.
struct Stream {
  ThreadOrder order = ThreadOrder::forward;
  LaunchWatch* watch = nullptr;
};

struct LaunchConfig {
  dim3 grid, block;
  size_t shared = 0;  // bytes of dynamic shared memory
  Stream stream;
};

// Calls body(arguments) once per thread. `kernel` is its name in errors.
void run_grid(const char* kernel, const LaunchConfig& config, void (*body)(const void*), const void* arguments);

// Of the thread that runs now.
extern uint3 thread_index, block_index;
extern dim3 block_size, grid_size;

// __syncthreads: every thread of the block must come to the same line, and none may have returned.
void block_barrier(Place place);

// A warp collective: the lanes of `mask` each bring an argument; the last to come runs `compute` for all. They must
// bring the same mask, compute and place, and none may have returned.
using Compute = void (*)(void* const* arguments, uint32_t mask);
void warp_collective(const char* name, uint32_t mask, Place place, void* argument, Compute compute);
int lane_of_this_thread();
// The compute of __syncwarp, the one collective that orders the memory of its lanes.
void compute_nothing(void* const* arguments, uint32_t mask);

void* shared_slot(const void* key, size_t bytes, size_t alignment);
void* dynamic_shared_memory();
// Throws unless [address, address + bytes) lies in one shared struct or the dynamic part.
void require_shared(const char* what, const void* address, size_t bytes, Place place);

// cp.async: the source is read at issue, the destination is poisoned at issue and filled at the wait that covers it.
// A thread that returns before it waited for all its copies is an error.
void async_copy(void* shared, const void* global, size_t bytes, size_t valid_bytes, Place place);
void async_commit();
void async_wait(size_t groups_left);

// Stops the kernel with an Error that says where: "simt: kernel: block (0, 0, 0): thread 3 at file.cu:12: <text>".
[[noreturn]] void fail_at(Place place, const char* text);

// The race checker (kernels/simt/race_on.cpp) hears of what compiled code does not show; empty without it.
void note_access(const void* address, size_t bytes, bool write, Place place);

}  // namespace cuunet::simt
